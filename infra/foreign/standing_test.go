package foreign

import (
	"maps"
	"slices"
	"testing"
)

const (
	dynamoGuide    = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
	updatePage     = dynamoGuide + "Expressions.UpdateExpressions.html: "
	sqsReference   = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
	schedulerGuide = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/"
	schedulePage   = schedulerGuide + "schedule-types.html: "
	s3Reference    = "https://docs.aws.amazon.com/AmazonS3/latest/API/"

	overlapping = updatePage + "an action changes what stands at a document path, and no order is given among actions, so two on one path mean nothing; " +
		"the service's own words are \"Two document paths overlap with each other; must remove or rewrite one of these paths\" (github.com/HENNGE/aiodynamo/issues/2)"
	cronFields   = schedulePage + "a cron expression has six required fields with the values of its table; * or a value in day-of-month or day-of-week needs ? in the other"
	zones        = schedulePage + "the expression is evaluated in the schedule's time zone"
	formChecksum = s3Reference + "RESTObjectPOST.html, Additional Checksum Request Form Fields: the checksum in the form is used to verify the data; " +
		"checking-object-integrity-upload.html: what does not match is rejected, and the checksum is stored with the object"
)

// standing says for each row that no foreign server of its service agrees with what AWS's own page says, which is why
// the row stands all the same. Pages are told in our own words, read in November 2026.
var standing = map[string]map[string]string{
	"dynamodb": {
		"time to live is off, then on for one attribute, and cannot be turned on twice": "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html: " +
			"another call for the same table within the hour that a change may take gives a ValidationException",
		"REMOVE closes a list up, by the indexes before it": updatePage +
			"REMOVE RelatedItems[1], RelatedItems[2] of five leaves the first, the fourth and the fifth",
		"two equal paths are refused":                     overlapping,
		"a path and a part of it are refused":             overlapping,
		"paths that overlap between sections are refused": overlapping,
		"paths that overlap under an alias are refused":   overlapping,
		"a map and a list in one place are refused":       overlapping,
		"a section may stand once":                        updatePage + "each action keyword can appear only once",
		"adding to a text is refused":                     updatePage + "SET adds to or subtracts from attributes of type Number",
		"an expression that does not parse is refused":    updatePage + "the grammar has path = value",
		"a filter on a key attribute is refused": dynamoGuide + "Query.FilterExpression.html: " +
			"a filter expression cannot contain partition key or sort key attributes",
		"a projection of what the index lacks is refused": dynamoGuide + "GSI.html: " +
			"a query on a global secondary index can only request attributes that are projected into it",
		"a consistent read costs a unit for each 4 KB begun, another half of it": dynamoGuide + "read-write-operations.html: " +
			"a strongly consistent read of up to 4 KB is one unit, an eventually consistent one half of it; larger items take more",
		"a query costs by the sum of what it read": dynamoGuide + "read-write-operations.html: " +
			"a query is one read of the sum of its items' sizes, rounded up to the next 4 KB",
	},
	"sqs": {
		"a visibility over twelve hours is refused": sqsReference + "API_ChangeMessageVisibility.html: " +
			"0 to 43200 seconds; beyond twelve hours the request is rejected",
		"a stale receipt handle deletes nothing, and the request succeeds": sqsReference + "API_DeleteMessage.html: " +
			"with an old handle the request succeeds, but the message might not be deleted",
		"a batch with a wrong entry sends the others and names the wrong one": sqsReference + "API_SendMessageBatchRequestEntry.html: " +
			"DelaySeconds is 0 to 900; API_SendMessageBatch.html: the result of each message is reported individually",
		"dead letters move back to where they came from, with their count begun anew": "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html: " +
			"redriven messages are considered new, with a new id and enqueue time",
	},
	"scheduler": {
		"at() in Asia/Ho_Chi_Minh fires once at that local time": zones,
		"cron() in Asia/Ho_Chi_Minh fires at that local time":    zones,
		"the attributes of the context are filled into the input": schedulerGuide + "managing-schedule-context-attributes.html: " +
			"each keyword is replaced with its value when the schedule invokes the target",
		"the same client token again is success": "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html: " +
			"the client token makes the request idempotent",
		"the expression rate(0 minutes) is refused":                schedulePage + "the value is a positive number",
		"the expression rate(1 fortnight) is refused":              schedulePage + "the unit is minutes, hours or days",
		"the expression at(2026-13-01T00:00:00) is refused":        schedulePage + "at(yyyy-mm-ddThh:mm:ss)",
		"the expression at(tomorrow) is refused":                   schedulePage + "at(yyyy-mm-ddThh:mm:ss)",
		"the expression cron(0 8 * * *) is refused":                cronFields,
		"the expression cron(0 8 1 * MON *) is refused":            cronFields,
		"the expression cron(0 8 ? * ? *) is refused":              cronFields,
		"the expression cron(60 8 * * ? *) is refused":             cronFields,
		"the expression every(1 hour) is refused":                  schedulePage + "a schedule is rate-based, cron-based or one-time",
		"the expression cron(0 8 * * ? *) Asia/Nowhere is refused": schedulePage + "a zone is one of the IANA database",
	},
	"s3": {
		"a presigned POST stores the file under the signed key and type": formChecksum,
		"a presigned POST refuses other bytes of the same length":        formChecksum,
		"other prefixes and refused uploads are not notified":            formChecksum,
	},
}

// foreignServers are the lists of the servers that this package starts.
var foreignServers = []divergences{ministack, localStack}

func TestEveryRowThatFailsOnEveryForeignServerHasAWSsOwnPage(t *testing.T) {
	for service := range suites {
		t.Run(service, func(t *testing.T) {
			everywhere := failingEverywhere(service, foreignServers)
			for _, fact := range everywhere {
				if standing[service][fact] == "" {
					t.Errorf("no foreign server has %q, and no page of AWS is given", fact)
				}
			}
			for fact := range standing[service] {
				if !slices.Contains(everywhere, fact) {
					t.Errorf("%q needs no page any more: a foreign server agrees with it", fact)
				}
			}
		})
	}
}

// failingEverywhere returns the rows that every server which has the service is listed to fail.
func failingEverywhere(service string, servers []divergences) []string {
	var counts, asked = map[string]int{}, 0
	for _, lists := range servers {
		list, has := lists[service]
		if !has {
			continue
		}
		asked++
		for fact := range list {
			counts[fact]++
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n < asked })
	return slices.Sorted(maps.Keys(counts))
}
