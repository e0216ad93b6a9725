// Package worktime counts the working time of the province's offices: days off
// and worked Saturdays, office hours with dates and seasons, the due instants
// of Decision 1433/QĐ-UBND Article 11, and the Vietnamese lunar calendar from
// which the statutory days of a year are proposed.
//
// Everything is a pure function of a Calendar and instants that the caller
// passes in; nothing here reads a clock. A Calendar never changes once made,
// so it may be shared by any number of goroutines.
//
// The agency that several functions take is the key under which its office
// hours stand in the calendar; "" and any agency without hours of its own have
// the calendar's default ones. Instants come back in UTC.
//
// The package imports the standard library only: never AWS, never HTTP, never
// another package of the project.
package worktime
