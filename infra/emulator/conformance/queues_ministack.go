package conformance

// MinistackSQS is how ministack 1.5.33 differs from what the rows on queues state.
var MinistackSQS = map[string]string{
	"a visibility over twelve hours is refused":                                   "it is taken",
	"a stale receipt handle deletes nothing, and the request succeeds":            "the request is refused",
	"a batch with a wrong entry sends the others and names the wrong one":         "a delay over 900 seconds is taken",
	"dead letters move back to where they came from, with their count begun anew": "it knows no StartMessageMoveTask",
	"only a dead-letter queue can be moved from":                                  "it knows no StartMessageMoveTask",
}

// MinistackScheduler is how ministack 1.5.33 differs from what the rows on schedules state: it takes every expression,
// and sends the input as it stands.
var MinistackScheduler = map[string]string{
	"at() in Asia/Ho_Chi_Minh fires once at that local time":          "it does not fire at the local time",
	"cron() in Asia/Ho_Chi_Minh fires at that local time":             "it does not fire at the local time",
	"rate(1 minute) fires every minute":                               "the scheduled time is not filled in",
	"the attributes of the context are filled into the input":         "they are left as they stand",
	"a completed schedule stays without ActionAfterCompletion DELETE": "the scheduled time is not filled in",
	"a completed schedule with ActionAfterCompletion DELETE is gone":  "the scheduled time is not filled in",
	"a schedule reads back as it was made, and an update replaces it": "the scheduled time is not filled in",
	"the same client token again is success":                          "it is a conflict",
	"the expression rate(0 minutes) is refused":                       "it is taken",
	"the expression rate(1 fortnight) is refused":                     "it is taken",
	"the expression at(2026-13-01T00:00:00) is refused":               "it is taken",
	"the expression at(tomorrow) is refused":                          "it is taken",
	"the expression cron(0 8 * * *) is refused":                       "it is taken",
	"the expression cron(0 8 1 * MON *) is refused":                   "it is taken",
	"the expression cron(0 8 ? * ? *) is refused":                     "it is taken",
	"the expression cron(60 8 * * ? *) is refused":                    "it is taken",
	"the expression every(1 hour) is refused":                         "it is taken",
	"the expression cron(0 8 * * ? *) Asia/Nowhere is refused":        "it is taken",
}
