package effect

// HitKind is the kind of item that the index of what is owed and due names.
type HitKind string

// The kinds.
const (
	HitReport  HitKind = "report"  // owes effects, or a due time has come
	HitSlot    HitKind = "slot"    // an upload that nobody checked, or that never came
	HitNotice  HitKind = "notice"  // an intent without outcome
	HitAccount HitKind = "account" // owes effects
	HitUnknown HitKind = "unknown"
)

// Hit is one entry of the index. It says where to look, and no more: the index
// lags, so what stands there is read again before anything is done.
type Hit struct {
	Kind  HitKind
	ID    string // of the report, the slot or the account, or whose inbox
	Entry string // a notice's place in its inbox
}
