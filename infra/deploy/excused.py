"""Compares findings (lines: rule, resource, template) with the excused ones.

A finding without an excuse and an excuse without a finding both fail."""
import fnmatch
import re
import sys

excuses = []
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    if line.startswith("#") or not line.strip():
        continue
    parts = re.split(r"\s{2,}", line.strip(), maxsplit=2)
    if len(parts) != 3 or len(parts[2].split()) < 5:
        sys.exit(f"{sys.argv[1]}:{number}: an exception needs a rule, resources and a reason")
    excuses.append([parts[0], parts[1].split(), number, 0])

wrong = 0
for line in sys.stdin:
    rule, resource, template = line.split()
    fit = [e for e in excuses if e[0] == rule and any(fnmatch.fnmatch(resource, p) for p in e[1])]
    for e in fit:
        e[3] += 1
    if not fit:
        print(f"{template}: {resource}: {rule} is found and not excused")
        wrong += 1
for rule, patterns, number, used in excuses:
    if not used:
        print(f"{sys.argv[1]}:{number}: {rule} of {' '.join(patterns)} excuses nothing")
        wrong += 1
print(f"checkov: {sum(e[3] for e in excuses)} findings, each with its reason; {wrong} that are wrong")
sys.exit(1 if wrong else 0)
