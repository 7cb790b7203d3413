#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that lie about the time.

clock_liar.py LOG [https ADDRESS CERT KEY]... [sntp ADDRESS PORT HOW]...

https: the path says how to answer, in pairs: /plus/SECONDS (Date: that far from now), /age/SECONDS
(an Age header), /raw/TEXT (that Date), /none/- (no Date), /twice/- (two of them), /hang/- (no answer
ever), /cut/- (the connection ends). Each request is written to LOG.
sntp: HOW is plus=SECONDS, kiss, cookie, stray (a wrong cookie first), leap, stratum, mode, distance,
slow, silent. Each question is written to LOG.
"""
import email.utils
import os
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

log_lock = threading.Lock()


def note(line):
    with log_lock, open(sys.argv[1], "a", encoding="ascii", errors="backslashreplace") as f:
        f.write(line + "\n")


def headers_for(path):
    words = urllib.parse.unquote(path).strip("/").split("/")
    pairs = list(zip(words[::2], words[1::2]))
    lines, now, dated = [], time.time(), False
    for word, value in pairs:
        if word == "plus":
            now += float(value)
        elif word == "age":
            lines.append("Age: " + value)
        elif word == "raw":
            lines.append("Date: " + value)
            dated = True
        elif word == "none":
            dated = True
        elif word == "twice":
            lines.append("Date: " + email.utils.formatdate(0, usegmt=True))
        elif word == "hang":
            time.sleep(60)
        elif word == "cut":
            return None
    if not dated:
        lines.append("Date: " + email.utils.formatdate(now, usegmt=True))
    return lines


def answer_https(context, plain):
    try:
        with context.wrap_socket(plain, server_side=True) as s:
            request = b""
            while b"\r\n\r\n" not in request:
                data = s.recv(4096)
                if not data:
                    return
                request += data
            text = request.decode("latin-1")
            note("https " + repr(text))
            lines = headers_for(text.split()[1])
            if lines is not None:
                s.sendall("\r\n".join(["HTTP/1.1 200 OK", *lines, "Connection: close", "", ""])
                          .encode("latin-1"))
    except OSError:
        plain.close()


def serve_https(address, cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server((address, 443), backlog=64) as s:
        while True:
            plain, _ = s.accept()
            threading.Thread(target=answer_https, args=(context, plain), daemon=True).start()


def ntp(seconds):
    seconds += 2208988800
    return struct.pack(">II", int(seconds) % 2**32, int(seconds % 1 * 2**32))


def answer_sntp(how, question):
    now = time.time() + (float(how[5:]) if how.startswith("plus=") else 0)
    cookie = question[40:48]
    first, stratum, dispersion, reference = 0x24, 2, 0x100, b"TEST"
    if how == "kiss":
        first, stratum, reference = 0xE4, 0, b"RATE"
    elif how in ("cookie", "stray"):
        cookie = bytes(8)
    elif how == "leap":
        first |= 0xC0
    elif how == "stratum":
        stratum = 16
    elif how == "mode":
        first = 0x25
    elif how == "distance":
        dispersion = 6 << 16
    return (struct.pack(">BBbbII", first, stratum, 6, -20, 0x100, dispersion) + reference + ntp(now)
            + cookie + ntp(now) + ntp(now))


def serve_sntp(address, port, how):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, int(port)))
        while True:
            question, who = s.recvfrom(512)
            note(f"sntp {how} {question.hex()}")
            if how == "slow":
                time.sleep(2.3)
            if how != "silent":
                s.sendto(answer_sntp(how, question), who)
            if how == "stray":
                s.sendto(answer_sntp("plus=5", question), who)


def main():
    words = sys.argv[2:]
    while words:
        kind = serve_https if words[0] == "https" else serve_sntp
        threading.Thread(target=kind, args=words[1:4], daemon=True).start()
        words = words[4:]
    with open(sys.argv[1] + ".pid", "w", encoding="ascii") as f:
        f.write(str(os.getpid()))
    threading.Event().wait()


main()
