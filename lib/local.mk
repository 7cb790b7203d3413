# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	lib/base64.c lib/base64.h \
	lib/buf.c lib/buf.h \
	lib/digest.c lib/digest.h \
	lib/digest_set.c lib/digest_set.h \
	lib/dns.c lib/dns.h \
	lib/error.c lib/error.h \
	lib/fd.c lib/fd.h \
	lib/gpgv.c lib/gpgv.h \
	lib/http.c lib/http.h \
	lib/http_inbox.c \
	lib/http_session.c \
	lib/http_answer.c \
	lib/http_ca.c \
	lib/http_date.c lib/http_date.h \
	lib/http_date_ask.c \
	lib/http_date_chain.c lib/http_date_chain.h \
	lib/http_rules.c \
	lib/http_tls.c \
	lib/http_transfer.c lib/http_transfer.h \
	lib/http_wire.h \
	lib/http_worker.c \
	lib/interrupt.c lib/interrupt.h \
	lib/json.c lib/json.h \
	lib/openpgp.h lib/openpgp_internal.h \
	lib/openpgp_armor.c \
	lib/openpgp_binding.c \
	lib/openpgp_key.c \
	lib/openpgp_keyring.c \
	lib/openpgp_packet.c \
	lib/openpgp_signature.c \
	lib/openpgp_trust.c \
	lib/openpgp_verify.c \
	lib/parallel.c lib/parallel.h \
	lib/path.c lib/path.h \
	lib/path_inside.c lib/path_inside.h \
	lib/proc.c lib/proc.h \
	lib/proc_group.c lib/proc_group.h \
	lib/record.c lib/record.h \
	lib/report.c lib/report.h \
	lib/report_json.c lib/report_plain.c lib/report_tty.c \
	lib/sntp.c lib/sntp.h lib/sntp_exchange.c \
	lib/syscalls.c lib/syscalls.h \
	lib/tar.h lib/tar_plain.c lib/tar_reader.c lib/tar_writer.c lib/tar_extract.c \
	lib/tar_attributes.c lib/tar_attributes.h \
	lib/tar_disk.c lib/tar_disk.h \
	lib/tar_header.c lib/tar_header.h \
	lib/tar_input.c lib/tar_input.h \
	lib/tar_names.c lib/tar_names.h \
	lib/tar_place.c lib/tar_place.h \
	lib/tar_stream.c lib/tar_stream.h \
	lib/text.c lib/text.h \
	lib/ticks.h \
	lib/trusted_time.c lib/trusted_time.h \
	lib/worker.c lib/worker.h
