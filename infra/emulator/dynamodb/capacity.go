package dynamodb

import "strconv"

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
const (
	writeUnit = 1024
	readUnit  = 4096
	maxItem   = 400 * 1024
	maxPage   = 1 << 20  // of a Query
	maxBatch  = 16 << 20 // of a BatchGetItem
)

// writeUnits is one unit for each KB begun, and one at least.
func writeUnits(size int) float64 { return float64(max(1, (size+writeUnit-1)/writeUnit)) }

// readUnits is one unit for each 4 KB begun, and one at least; half of it when the read may be stale.
func readUnits(size int, consistent bool) float64 {
	units := float64(max(1, (size+readUnit-1)/readUnit))
	if !consistent {
		units /= 2
	}
	return units
}

// usage is what one call consumed of a table and of its indexes, which stand in the table's order.
type usage struct {
	table   float64
	indexes []float64
}

func (u *usage) addIndex(t *table, x *index, units float64) {
	if units == 0 {
		return
	}
	if u.indexes == nil {
		u.indexes = make([]float64, len(t.Indexes))
	}
	for i := range t.Indexes {
		if t.Indexes[i] == x {
			u.indexes[i] += units
		}
	}
}

func (u *usage) total() float64 {
	n := u.table
	for _, i := range u.indexes {
		n += i
	}
	return n
}

// appendConsumed writes a ConsumedCapacity object.
func (u *usage) appendConsumed(dst []byte, t *table, mode string) []byte {
	dst = append(dst, `{"TableName":`...)
	dst = appendTextJSON(dst, t.Name)
	dst = append(dst, `,"CapacityUnits":`...)
	dst = appendUnits(dst, u.total())
	if mode == "INDEXES" {
		dst = append(dst, `,"Table":{"CapacityUnits":`...)
		dst = append(appendUnits(dst, u.table), '}')
		first := true
		for i, units := range u.indexes {
			if units == 0 {
				continue
			}
			if first {
				dst = append(dst, `,"GlobalSecondaryIndexes":{`...)
			} else {
				dst = append(dst, ',')
			}
			first = false
			dst = appendTextJSON(dst, t.Indexes[i].Name)
			dst = append(dst, `:{"CapacityUnits":`...)
			dst = append(appendUnits(dst, units), '}')
		}
		if !first {
			dst = append(dst, '}')
		}
	}
	return append(dst, '}')
}

func appendUnits(dst []byte, units float64) []byte {
	return strconv.AppendFloat(dst, units, 'f', 1, 64)
}
