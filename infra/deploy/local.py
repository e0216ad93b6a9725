"""Deploys the packaged template to ministack and compares what stands there with it.

    local.py PROJECT ENDPOINT

PROJECT is a folder with the template and the functions' bootstraps. It runs with the
Python of SAM's environment, whose boto3 it uses. What differs is a line "differs: …" on
standard error; the last line on standard output is JSON for the program that plays the
story: where the API answers, the bucket, the function admin."""
import json
import os
import subprocess
import sys

import boto3
import yaml

project, endpoint = sys.argv[1:3]
stack, region = "paht-local", "ap-southeast-1"
os.environ.update(AWS_ENDPOINT_URL=endpoint, AWS_DEFAULT_REGION=region, SAM_CLI_TELEMETRY="0")


class Loader(yaml.SafeLoader):
    """Reads intrinsics of the short form as (name, argument)."""


def intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return (suffix, loader.construct_scalar(node))
    if isinstance(node, yaml.SequenceNode):
        return (suffix, loader.construct_sequence(node, deep=True))
    return (suffix, loader.construct_mapping(node, deep=True))


Loader.add_multi_constructor("!", intrinsic)
template = yaml.load(open(os.path.join(project, "template.yaml"), encoding="utf-8"), Loader)
declared, wrong = template["Resources"], []


def client(name):
    return boto3.client(name)


def differs(what, got, want):
    if got != want:
        wrong.append(f"{what}: {got!r}, the template says {want!r}")


def deploy():
    """Makes what no template holds, the secret document and a sender of mail, and deploys."""
    document = json.dumps({"keys": [{"id": "k1", "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}], "origin": ["the front of make deploy-local"]})
    client("ssm").put_parameter(Name="/paht/secret", Type="SecureString", Value=document)
    # A new account of SES sends from verified addresses alone, and in the sandbox only to such.
    mail = client("sesv2")
    mail.create_email_identity(EmailIdentity=template["Parameters"]["MailFrom"]["Default"])
    mail.put_account_details(MailType="TRANSACTIONAL", WebsiteURL="https://paht.example", UseCaseDescription="notices of reports", ProductionAccessEnabled=True)
    machine = "arm64" if os.uname().machine == "aarch64" else "x86_64"
    sam = os.path.join(os.path.dirname(sys.executable), "sam")
    subprocess.run([sam, "deploy", "--stack-name", stack, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
                    "--no-confirm-changeset", "--region", region, "--parameter-overrides", f"Architecture={machine}",
                    f"WebOrigin={os.environ['WEB_ORIGIN']}"], cwd=project, check=True, stdout=sys.stderr)


def physical():
    """The physical id of each resource of the root stack, by its logical id."""
    found, more = {}, {}
    while True:
        page = client("cloudformation").list_stack_resources(StackName=stack, **more)
        for r in page["StackResourceSummaries"]:
            found[r["LogicalResourceId"]] = r["PhysicalResourceId"]
        if "NextToken" not in page:
            return found
        more = {"NextToken": page["NextToken"]}


def routes(ids):
    """Gives the API its routes, which ministack leaves out (a divergence)."""
    api, made = client("apigatewayv2"), 0
    there = len(api.get_routes(ApiId=ids["Api"])["Items"])
    wanted = {}
    for logical, r in declared.items():
        for event in r.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "HttpApi":
                p = event["Properties"]
                wanted[f"{p['Method']} {p['Path']}"] = logical
    differs("the API's routes", there, len(wanted))
    if there:
        return
    arns = {f["FunctionName"]: f["FunctionArn"] for page in client("lambda").get_paginator("list_functions").paginate() for f in page["Functions"]}
    integrations = {}
    for route, logical in wanted.items():
        if logical not in integrations:
            integrations[logical] = api.create_integration(ApiId=ids["Api"], IntegrationType="AWS_PROXY", PayloadFormatVersion="2.0",
                                                           IntegrationUri=arns[ids[logical]])["IntegrationId"]
        api.create_route(ApiId=ids["Api"], RouteKey=route, Target=f"integrations/{integrations[logical]}")
        made += 1
    if not any(s["StageName"] == "$default" for s in api.get_stages(ApiId=ids["Api"])["Items"]):
        api.create_stage(ApiId=ids["Api"], StageName="$default", AutoDeploy=True)
    print(f"{made} routes were made by hand", file=sys.stderr)


def compare_queues(ids):
    sqs = client("sqs")
    for logical, r in declared.items():
        if r["Type"] != "AWS::SQS::Queue":
            continue
        url = ids[logical]
        if not url.startswith("http"):
            url = sqs.get_queue_url(QueueName=url)["QueueUrl"]
        got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for name in ("VisibilityTimeout", "MessageRetentionPeriod"):
            if name in r["Properties"]:
                differs(f"{logical} {name}", int(got.get(name, -1)), r["Properties"][name])
        differs(f"{logical} SqsManagedSseEnabled", got.get("SqsManagedSseEnabled"), "true")
        redrive = json.loads(got.get("RedrivePolicy", "{}"))
        want = r["Properties"].get("RedrivePolicy", {}).get("maxReceiveCount")
        differs(f"{logical} maxReceiveCount", redrive.get("maxReceiveCount") and int(redrive["maxReceiveCount"]), want)


def compare_table(ids):
    d = client("dynamodb")
    t = d.describe_table(TableName=ids["Table"])["Table"]
    want = declared["Table"]["Properties"]
    differs("Table keys", [k["AttributeName"] for k in t["KeySchema"]], [k["AttributeName"] for k in want["KeySchema"]])
    differs("Table indexes", sorted(i["IndexName"] for i in t.get("GlobalSecondaryIndexes", [])), sorted(i["IndexName"] for i in want["GlobalSecondaryIndexes"]))
    differs("Table deletion protection", t.get("DeletionProtectionEnabled"), True)
    differs("Table encryption", t.get("SSEDescription", {}).get("Status"), "ENABLED")
    ttl = d.describe_time_to_live(TableName=ids["Table"])["TimeToLiveDescription"]
    differs("Table time to live", ttl.get("AttributeName"), "ttl")
    backups = d.describe_continuous_backups(TableName=ids["Table"])["ContinuousBackupsDescription"]
    differs("Table point-in-time recovery", backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED")


def compare_bucket(ids):
    s3, bucket = client("s3"), ids["Bucket"]

    def ask(what, call, read, want):
        try:
            got = read(call(Bucket=bucket))
        except Exception as e:  # whatever a server that lacks it answers is the difference
            got = type(e).__name__ + ": " + str(e)
        differs(f"Bucket {what}", got, want)

    ask("versioning", s3.get_bucket_versioning, lambda a: a.get("Status"), "Enabled")
    ask("object lock", s3.get_object_lock_configuration, lambda a: a["ObjectLockConfiguration"]["ObjectLockEnabled"], "Enabled")
    if wrong and wrong[-1].startswith("Bucket object lock"):
        # The story's signed results are retained, which needs it.
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
        print("object lock was switched on by hand", file=sys.stderr)
    ask("encryption", s3.get_bucket_encryption,
        lambda a: a["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
    ask("public access block", s3.get_public_access_block, lambda a: all(a["PublicAccessBlockConfiguration"].values()), True)
    ask("lifecycle", s3.get_bucket_lifecycle_configuration, lambda a: sorted(r["ID"] for r in a["Rules"]), ["noncurrent-versions", "unfinished-parts"])
    ask("CORS", s3.get_bucket_cors, lambda a: a["CORSRules"][0]["AllowedOrigins"], [os.environ["WEB_ORIGIN"]])
    ask("notification", s3.get_bucket_notification_configuration, lambda a: len(a.get("QueueConfigurations", [])), 1)
    ask("policy", s3.get_bucket_policy, lambda a: [s["Sid"] for s in json.loads(a["Policy"])["Statement"]], ["TLSOnly"])


def compare_functions(ids):
    functions, standard = client("lambda"), template["Globals"]["Function"]
    for logical, r in declared.items():
        if r["Type"] != "AWS::Serverless::Function":
            continue
        p, got = r["Properties"], functions.get_function_configuration(FunctionName=ids[logical])
        differs(f"{logical} memory", got["MemorySize"], p.get("MemorySize", standard["MemorySize"]))
        differs(f"{logical} time limit", got["Timeout"], p.get("Timeout", standard["Timeout"]))
        variables = set(standard["Environment"]["Variables"]) | set(p.get("Environment", {}).get("Variables", {}))
        differs(f"{logical} variables", set(got["Environment"]["Variables"]), variables)
        reserved = functions.get_function_concurrency(FunctionName=ids[logical]).get("ReservedConcurrentExecutions")
        differs(f"{logical} reserved concurrency", reserved, p.get("ReservedConcurrentExecutions"))
        queues = [e["Properties"] for e in p.get("Events", {}).values() if e["Type"] == "SQS"]
        mappings = functions.list_event_source_mappings(FunctionName=ids[logical])["EventSourceMappings"]
        differs(f"{logical} queues", len(mappings), len(queues))
        for m, q in zip(mappings, queues):
            differs(f"{logical} batch", m["BatchSize"], q["BatchSize"])
            differs(f"{logical} partial failures", m.get("FunctionResponseTypes"), q["FunctionResponseTypes"])
            differs(f"{logical} bound", m.get("ScalingConfig", {}).get("MaximumConcurrency"), q.get("ScalingConfig", {}).get("MaximumConcurrency"))


def compare_rest(ids):
    groups = {g["logGroupName"]: g.get("retentionInDays") for page in client("logs").get_paginator("describe_log_groups").paginate() for g in page["logGroups"]}
    for logical, r in declared.items():
        if r["Type"] == "AWS::Logs::LogGroup":
            differs(f"{logical} retention", groups.get(ids.get(logical)), 90)
        if logical not in ids:
            wrong.append(f"{logical} ({r['Type']}): it was not made")
    schedule = client("scheduler").list_schedules()["Schedules"]
    differs("the schedules", [s["State"] for s in schedule], ["ENABLED"])
    alarms = [a for page in client("cloudwatch").get_paginator("describe_alarms").paginate() for a in page["MetricAlarms"]]
    want = sum(text.count("AWS::CloudWatch::Alarm") for text in
               (open(os.path.join(project, "infra/stacks", f), encoding="utf-8").read() for f in ("queues.yaml", "functions.yaml", "shared.yaml")))
    differs("the alarms", len(alarms), want)


deploy()
ids = physical()
for check in (compare_queues, compare_table, compare_bucket, compare_functions, compare_rest, routes):
    check(ids)
for line in wrong:
    print("differs: " + line, file=sys.stderr)
print(json.dumps({"api": f"{endpoint}/_aws/execute-api/{ids['Api']}/$default", "bucket": ids["Bucket"], "admin": ids["AdminFunction"], "differs": wrong}))
