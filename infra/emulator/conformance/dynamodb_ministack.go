package conformance

// MinistackDynamoDB is how ministack 1.5.33 differs from what the rows state: it takes more than AWS, and counts some
// reads as if they were small.
var MinistackDynamoDB = map[string]string{
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
}
