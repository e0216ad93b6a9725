"""Reads checkov's JSON and writes its failed checks as lines: rule, resource, template.

What it cannot read ends it, so that a crash of checkov never reads as no finding."""
import json
import re
import sys

template = sys.argv[1]
reports = json.load(sys.stdin)
tried = 0
for report in reports if isinstance(reports, list) else [reports]:
    if "results" not in report:
        kinds = set(re.findall(r"^    Type: (\S+)$", open(template, encoding="utf-8").read(), re.M))
        # No rule of checkov is about these.
        if kinds <= {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Logs::MetricFilter"}:
            sys.exit(0)
        sys.exit(f"reading checkov's report on {template}: it holds no results")
    tried += report["summary"]["passed"] + report["summary"]["failed"]
    if report["summary"]["parsing_errors"]:
        sys.exit(f"reading {template}: checkov could not parse it")
    for check in report["results"]["failed_checks"]:
        print(check["check_id"], check["resource"].rsplit(".", 1)[-1], template)
if not tried:
    sys.exit(f"checking {template}: no rule was tried")
