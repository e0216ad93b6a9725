package main

import (
	"path/filepath"
	"strings"
)

// phases are the tests of the fleet in the order in which mutants meet them: those
// that fail soonest for most come first. A mutant meets only those that reach it.
// What the stories do not meet (an administrator's acts, a lock after a year, a
// settings index that two wrote) is shown by the tests of its own package.
func phases(own []*phase) []*phase {
	const (
		oneFault = "OneFault"
		disorder = "Disorder"
		refusals = "AndStoresNothing|NamedAtOnce"
		atOnce   = "EqualActsAtOnce|SubmissionsAtOnce|AsIfOneCameAfterAnother|ThreeWorkers|TwoSweeps"
		accounts = "WrongPasswordsAtOnce|ACodeIsFor|AClaimedName|OfAnAgencyAreListed"
		several  = "^TestSeveralAgenciesWithoutAFault$"
		files    = "AFileThatIsMissing|NoReportTakes|AndItsSmallCopy|WhileItsReportIsSubmitted|NoFunctionCanSend"
		acts     = "RightAfterAnAct|OfASupplement|ALaterOneOfItsName|GrowingDistances|UnderOneKey"
	)
	quick := []*phase{
		{name: "story", run: "^TestTheWholeStoryPlaysInProcess$"},
		{name: "accounts", run: accounts},
		{name: "files", run: files},
		{name: "acts", run: acts},
		{name: "several", run: several},
		{name: "workers", run: "ThreeWorkers"},
		{name: "sweeps", run: "TwoSweeps"},
		{name: "equal", run: "EqualActsAtOnce|SubmissionsAtOnce"},
		{name: "order", run: "AsIfOneCameAfterAnother"},
		{name: "people", run: "^Test", skip: "WholeStory|SameEachTime|WithoutTheVersion|" + accounts + "|" + several + "|" + files + "|" + acts + "|" + atOnce + "|" + oneFault + "|" + disorder + "|" + refusals},
	}
	return append(append(quick, own...), []*phase{
		{name: "disorder", run: disorder, args: []string{"-chaos.runs", "60"}},
		{name: "one fault", run: oneFault},
		{name: "refusals", run: refusals},
	}...)
}

// ownTests are the tests of the packages in which the mutants are, a phase each.
func ownTests(tree string) ([]*phase, error) {
	pkgs, err := packages(tree)
	if err != nil {
		return nil, err
	}
	var own []*phase
	for _, pkg := range pkgs {
		tests, err := filepath.Glob(filepath.Join(tree, pkg, "*_test.go"))
		if err != nil {
			return nil, err
		}
		if len(tests) > 0 {
			own = append(own, &phase{name: "tests of " + strings.TrimPrefix(pkg, "functions/"), run: "^Test", pkg: pkg})
		}
	}
	return own, nil
}
