/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/http_transfer.h"

#include <string.h>
#include <time.h>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

/* OpenSSL judges certificates at the wall clock unless told otherwise (X509_VERIFY_PARAM_set_time);
 * ours may stand at 1970 and not be ours to set. */
static CURLcode set_time(CURL *easy, void *ssl_ctx, void *arg)
{
	struct http_transfer_state *t = arg;
	t->judged_s = trusted_time_now(&t->engine->settings->time);
	X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(ssl_ctx), (time_t)t->judged_s);
	return CURLE_OK;
}

int http_tls_setup(struct http_transfer_state *t, struct error **e)
{
	const struct http_settings *s = t->engine->settings;
	struct curl_blob pem = {(void *)s->ca_pem, s->ca_pem_length, CURL_BLOB_NOCOPY};
	CURL *c = t->easy;
	/* The built-in places are unset: only the certificates given are trusted. */
	if (curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) ||
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) ||
		curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ||
		curl_easy_setopt(c, CURLOPT_CAINFO, NULL) ||
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL) ||
		curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &pem) ||
		curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, set_time) ||
		curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, t))
		return error_set(e, ERROR_SYSTEM, 0, "this libcurl is not built on OpenSSL");
	return 0;
}

static void date_text(char *to, size_t size, int64_t unix_s)
{
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (!gmtime_r(&at, &tm) || !strftime(to, size, "%Y-%m-%d %H:%M:%S UTC", &tm))
		*to = '\0';
}

int http_tls_failure(struct http_transfer_state *t, const char *host, struct error **e)
{
	long result = X509_V_OK;
	char date[64];
	t->fault = HTTP_FAULT_CERTIFICATE;
	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	date_text(date, sizeof date, t->judged_s);
	switch (result) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		error_set(e, ERROR_TRUST, 0, "certificate of %s: %s at %s", host,
			result == X509_V_ERR_CERT_HAS_EXPIRED ? "expired" : "not yet valid", date);
		return error_hint(e,
			"if that is not the date today, give it with --time=…; else name another "
			"--mirror");
	case X509_V_OK: /* the chain is good, the name is not; curl never sets the result then */
	case X509_V_ERR_UNSPECIFIED:
		if (!strstr(t->curl_text, "name"))
			return error_set(
				e, ERROR_TRUST, 0, "certificate of %s: %s", host, t->curl_text);
		error_set(e, ERROR_TRUST, 0, "certificate of %s: it is for another name", host);
		return error_hint(e,
			"something else answers in its place (a captive portal?); name another "
			"--mirror");
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		error_set(e, ERROR_TRUST, 0, "certificate of %s: its issuer is not trusted (%s)",
			host, X509_verify_cert_error_string(result));
		return error_hint(e, "if you trust its issuer, name its certificate with --cacert");
	default:
		error_set(e, ERROR_TRUST, 0, "certificate of %s: %s", host,
			X509_verify_cert_error_string(result));
		return error_hint(e, "nothing was used of it; name another --mirror");
	}
}
