package main

// phases are the tests of the fleet in the order in which mutants meet them: those
// that fail soonest for most come first. A mutant meets only those that reach it.
func phases() []*phase {
	const (
		oneFault = "OneFault"
		disorder = "Disorder"
		refusals = "AndStoresNothing|NamedAtOnce"
		atOnce   = "EqualActsAtOnce|SubmissionsAtOnce|AsIfOneCameAfterAnother|ThreeWorkers|TwoSweeps"
		accounts = "WrongPasswordsAtOnce|ACodeIsFor|AClaimedName"
		acts     = "RightAfterAnAct|OfASupplement|ALaterOneOfItsName|GrowingDistances|UnderOneKey"
	)
	return []*phase{
		{name: "story", run: "^TestTheWholeStoryPlaysInProcess$"},
		{name: "accounts", run: accounts},
		{name: "acts", run: acts},
		{name: "workers", run: "ThreeWorkers"},
		{name: "sweeps", run: "TwoSweeps"},
		{name: "equal", run: "EqualActsAtOnce|SubmissionsAtOnce"},
		{name: "order", run: "AsIfOneCameAfterAnother"},
		{name: "people", run: "^Test", skip: "WholeStory|SameEachTime|WithoutTheVersion|" + accounts + "|" + acts + "|" + atOnce + "|" + oneFault + "|" + disorder + "|" + refusals},
		{name: "disorder", run: disorder, args: []string{"-chaos.runs", "60"}},
		{name: "one fault", run: oneFault},
		{name: "refusals", run: refusals},
	}
}
