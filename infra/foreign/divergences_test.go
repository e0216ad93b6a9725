package foreign

// divergences says by service and row how a server is known to differ from what the row states. A row that is listed
// must fail, so that the list tells the truth.
type divergences map[string]map[string]string

// ministack takes more than AWS does, and counts every read as a small one.
var ministack = divergences{
	"dynamodb": {
		"time to live is off, then on for one attribute, and cannot be turned on twice": "it can be turned on twice",
		"REMOVE closes a list up, by the indexes before it":                             "removes one after the other, so that later indexes have moved",
		"two equal paths are refused":                                                   "overlaps are taken",
		"a path and a part of it are refused":                                           "the update fails for another reason",
		"paths that overlap between sections are refused":                               "overlaps are taken",
		"paths that overlap under an alias are refused":                                 "overlaps are taken",
		"a map and a list in one place are refused":                                     "conflicts are taken",
		"a section may stand once":                                                      "the last one counts",
		"adding to a text is refused":                                                   "it is taken",
		"an expression that does not parse is refused":                                  "it is taken",
		"a filter on a key attribute is refused":                                        "it is taken",
		"a projection of what the index lacks is refused":                               "the attribute is left out",
		"a consistent read costs a unit for each 4 KB begun, another half of it":        "every read costs one unit",
		"a query costs by the sum of what it read":                                      "every query costs one unit",
	},
	"sqs": {
		"a visibility over twelve hours is refused":                                   "it is taken",
		"a stale receipt handle deletes nothing, and the request succeeds":            "the request is refused",
		"a batch with a wrong entry sends the others and names the wrong one":         "a delay over 900 seconds is taken",
		"dead letters move back to where they came from, with their count begun anew": "it knows no StartMessageMoveTask",
		"only a dead-letter queue can be moved from":                                  "it knows no StartMessageMoveTask",
	},
	"scheduler": {
		"at() in Asia/Ho_Chi_Minh fires once at that local time":   "every time is read as UTC",
		"cron() in Asia/Ho_Chi_Minh fires at that local time":      "every time is read as UTC",
		"the attributes of the context are filled into the input":  "they are left as they stand",
		"the same client token again is success":                   "it is a conflict",
		"the expression rate(0 minutes) is refused":                "it is taken",
		"the expression rate(1 fortnight) is refused":              "it is taken",
		"the expression at(2026-13-01T00:00:00) is refused":        "it is taken",
		"the expression at(tomorrow) is refused":                   "it is taken",
		"the expression cron(0 8 * * *) is refused":                "it is taken",
		"the expression cron(0 8 1 * MON *) is refused":            "it is taken",
		"the expression cron(0 8 ? * ? *) is refused":              "it is taken",
		"the expression cron(60 8 * * ? *) is refused":             "it is taken",
		"the expression every(1 hour) is refused":                  "it is taken",
		"the expression cron(0 8 * * ? *) Asia/Nowhere is refused": "it is taken",
	},
	"s3": {
		"a presigned POST stores the file under the signed key and type": "the form's checksum is not kept",
		"a presigned POST refuses other bytes of the same length":        "the form's checksum is not looked at",
		"other prefixes and refused uploads are not notified":            "other bytes than signed are taken, and so notified",
		"a small part that is not the last is refused at the end":        "parts of any size are taken",
	},
}

// localStack checks a form's policy but neither its signature nor its checksum (a known gap:
// github.com/orgs/localstack/discussions/82), and no policy of a bucket or its owner.
var localStack = divergences{
	"sqs": {
		"a visibility over twelve hours is refused":                                   "it is taken",
		"a stale receipt handle deletes nothing, and the request succeeds":            "every handle deletes",
		"a batch with a wrong entry sends the others and names the wrong one":         "a delay over 900 seconds is taken",
		"dead letters move back to where they came from, with their count begun anew": "the count goes on",
		"an attribute out of its bounds is refused":                                   "it is taken",
	},
	"s3": {
		"a presigned POST stores the file under the signed key and type":      "the form's checksum is not kept",
		"a presigned POST refuses other bytes of the same length":             "the form's checksum is not looked at",
		"a presigned POST refuses a field that the policy does not name":      "it is taken",
		"a presigned POST refuses an altered policy":                          "the altered policy's condition fails it, not the signature",
		"a presigned POST refuses an altered signature":                       "the signature is not looked at",
		"a POST without signature is refused":                                 "anybody may write",
		"a list under a prefix comes in pages and in order":                   "a page that ends before a key with a letter beyond ASCII has a marker that it cannot read back",
		"a posted object is notified once, with its key encoded as in a form": "a blank in the key is %20",
		"other prefixes and refused uploads are not notified":                 "other bytes than signed are taken, and so notified",
		"a presigned address reads until it expires, and no other object":     "anybody may read",
	},
}
