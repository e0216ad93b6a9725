package emulator

import "paht/infra/emulator/dynamodb"

// Items gives every item of a table in the order of the keys. It is for tests, which assert on what is stored and not
// on what an adapter reads.
func (e *Emulator) Items(table string) ([]dynamodb.Stored, error) { return e.dynamodb.Dump(table) }
