package emulator

// Items gives every item of a table as the wire writes it: {"pk":{"S":"…"},…}. It is for tests, which assert on what
// is stored and not on what an adapter reads.
func (e *Emulator) Items(table string) ([][]byte, error) { return e.dynamodb.Dump(table) }
