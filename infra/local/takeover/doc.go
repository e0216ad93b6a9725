// Package takeover shows that the system runs on the data folder of the version
// before: testdata holds a folder of each release as its own binaries left it,
// with a published report, a report that waits for its screening, and the message
// of it in the queue.
//
// At a release its folder is frozen once, and never changed afterwards:
//
//	go test ./takeover -run Freeze -freeze=v2
//
// Folders of releases that no data is left of may go. The rules by which the form
// of what is stored may change stand in shared/cloud/golden_test.go.
package takeover
