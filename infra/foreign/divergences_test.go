package foreign

import "paht/infra/emulator/conformance"

// divergences says by service and row how a server is known to differ from what the row states. A row that is listed
// must fail, so that the list tells the truth.
type divergences map[string]map[string]string

// ministack takes more than AWS does.
var ministack = divergences{
	"dynamodb":  conformance.MinistackDynamoDB,
	"sqs":       conformance.MinistackSQS,
	"scheduler": conformance.MinistackScheduler,
	"s3":        {},
}

var localStack = divergences{
	"sqs": {},
	"s3":  {},
}
