#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# By its path: Debian's python3 is the one that python3-jsonschema is for.
"""report_lines.py SCHEMA FILE STATUS: are the lines of FILE what --report=json promises?

Each line is checked against the schema, and the sequence: stages begin and end in pairs, in order, with
progress only within, at most ten times a second; an error comes last, once, with the exit STATUS, and
only there. Prints what is wrong, or the kinds of events that occurred.
"""
import json, sys
import jsonschema

PROGRESS_MS = 100


def no_doubles(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def check(schema, lines, status):
    validator = jsonschema.Draft202012Validator(schema)
    wrong, kinds, stage, last_index, drawn = [], set(), None, 0, None
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line, object_pairs_hook=no_doubles)
        except ValueError as error:
            wrong.append(f"line {number} is no JSON ({error}): {line[:200]}")
            continue
        for error in validator.iter_errors(event):
            wrong.append(f"line {number}: {error.message[:300]}: {line[:200]}")
        if any(ord(c) < 32 or 127 <= ord(c) < 160 for text in texts(event) for c in text):
            wrong.append(f"line {number}: a control character in {line[:200]}")
        kind = event.get("event")
        kinds.add(kind)
        if kind == "begin":
            if stage is not None:
                wrong.append(f"line {number}: {event['stage']} begins within {stage}")
            if "index" in event and event["index"] <= last_index:
                wrong.append(f"line {number}: {event['index']} comes after {last_index}")
            stage, drawn, last_index = event["stage"], None, event.get("index", last_index)
        elif kind in ("progress", "end"):
            if event["stage"] != stage:
                wrong.append(f"line {number}: {kind} of {event['stage']} within {stage}")
            if kind == "end":
                stage = None
            elif drawn is not None and event["milliseconds"] - drawn < PROGRESS_MS:
                wrong.append(f"line {number}: progress after {event['milliseconds'] - drawn} ms")
            else:
                drawn = event["milliseconds"]
            if kind == "progress" and event.get("total", event["done"]) < event["done"]:
                wrong.append(f"line {number}: more done than there is: {line[:200]}")
        elif kind == "error":
            if number != len(lines):
                wrong.append(f"line {number}: the error is not the last line")
            if event["status"] != status:
                wrong.append(f"line {number}: its status is {event['status']}, the program's {status}")
    if stage is not None:
        wrong.append(f"{stage} does not end")
    if (status != 0) != ("error" in kinds):
        wrong.append(f"status {status}, but {'an' if 'error' in kinds else 'no'} error")
    return wrong, kinds


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from texts(child)


def main():
    with open(sys.argv[1]) as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    with open(sys.argv[2], encoding="utf-8") as file:
        text = file.read()
    lines = text.splitlines()
    wrong, kinds = check(schema, lines, int(sys.argv[3]))
    if text and not text.endswith("\n"):
        wrong.append("the last line is cut")
    print("\n".join(wrong) if wrong else " ".join(sorted(kinds)))
    return 1 if wrong else 0


sys.exit(main())
