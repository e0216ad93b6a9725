package pdf

// readChain reads the sections from the newest to the oldest. An object's
// newest entry wins.
func (d *Document) readChain(start int) error {
	for next := start; next >= 0; {
		if d.reading[next] {
			return unparsable("the cross-reference chain leads back to byte %d", next)
		}
		if len(d.Sections) == maxSections {
			return tooCostly("the file has more than %d cross-reference sections", maxSections)
		}
		d.reading[next] = true
		section, err := d.readSection(next)
		if err != nil {
			return err
		}
		d.Sections = append(d.Sections, section)
		next, err = offsetIn(section.Trailer, "Prev", len(d.Data))
		if err != nil {
			return err
		}
	}
	if _, ok := d.Sections[0].Trailer.Get("Root").(Ref); !ok {
		return unparsable("the newest trailer names no catalogue")
	}
	return nil
}

// offsetIn returns the offset under key, -1 if there is none.
func offsetIn(trailer Dict, key Name, size int) (int, error) {
	v := trailer.Get(key)
	if v == nil {
		return -1, nil
	}
	n, ok := v.(int64)
	if !ok || n < 0 || n >= int64(size) {
		return 0, unparsable("/%s is not an offset in the file", key)
	}
	return int(n), nil
}

func (d *Document) readSection(offset int) (Section, error) {
	l := lexer{b: d.Data, pos: offset}
	l.skip()
	if l.word("xref") {
		return d.readTable(&l, offset)
	}
	section, err := d.readXrefStream(offset)
	if err != nil {
		return Section{}, err
	}
	return section, nil
}

// readTable reads a table with its trailer. In a hybrid file (ISO 32000-1,
// 7.5.8.4) what the table hides stands in the stream that /XRefStm names: after
// the table's own entries, before its free ones.
func (d *Document) readTable(l *lexer, offset int) (Section, error) {
	section := Section{Offset: offset}
	var free []uint32
	for {
		l.skip()
		if l.word("trailer") {
			break
		}
		var err error
		if free, err = d.readSubsection(l, &section, free); err != nil {
			return section, err
		}
	}
	v, err := l.value(0)
	if err != nil {
		return section, err
	}
	if err := d.spend(l.pos - offset); err != nil {
		return section, err
	}
	trailer, ok := v.(Dict)
	if !ok || trailer.Repeats() {
		return section, unparsable("the trailer before byte %d is not a dictionary with each key once", l.pos)
	}
	section.Trailer = trailer
	if err := refuseEncrypt(trailer); err != nil {
		return section, err
	}
	hybrid, err := offsetIn(trailer, "XRefStm", len(d.Data))
	if err != nil {
		return section, err
	}
	if hybrid >= 0 {
		if d.reading[hybrid] {
			return section, unparsable("/XRefStm leads back to byte %d", hybrid)
		}
		d.reading[hybrid] = true
		hidden, err := d.readXrefStream(hybrid)
		if err != nil {
			return section, err
		}
		section.Objects = append(section.Objects, hidden.Objects...)
	}
	for _, num := range free {
		if err := d.place(&section, num, entry{}); err != nil {
			return section, err
		}
	}
	return section, nil
}

func refuseEncrypt(trailer Dict) error {
	if trailer.Get("Encrypt") != nil {
		return refuse(Encrypted, "a trailer of the file has /Encrypt")
	}
	return nil
}

func (d *Document) readSubsection(l *lexer, section *Section, free []uint32) ([]uint32, error) {
	first, ok := l.unsigned()
	l.skip()
	count, ok2 := l.unsigned()
	if !ok || !ok2 {
		return nil, unparsable("the cross-reference table at byte %d is malformed", section.Offset)
	}
	for i := range count {
		l.skip()
		at, ok := l.unsigned()
		l.skip()
		_, ok2 := l.unsigned()
		l.skip()
		num := first + i
		if !ok || !ok2 || num > maxObject {
			return nil, unparsable("the cross-reference table at byte %d is malformed or shorter than it claims", section.Offset)
		}
		switch {
		case l.word("f"):
			free = append(free, uint32(num))
			if len(free) > maxEntries {
				return nil, tooCostly("the file has more than %d cross-reference entries", maxEntries)
			}
		case l.word("n"):
			e := entry{kind: entryPlain, a: uint32(at)}
			if at == 0 || at >= int64(len(d.Data)) {
				e = entry{} // written by sloppy producers for objects that never were
			}
			if err := d.place(section, uint32(num), e); err != nil {
				return nil, err
			}
		default:
			return nil, unparsable("the cross-reference table at byte %d has an entry that is neither used nor free", section.Offset)
		}
	}
	return free, nil
}

// place takes an entry unless a newer section had one for the object.
func (d *Document) place(section *Section, num uint32, e entry) error {
	section.Objects = append(section.Objects, num)
	if _, ok := d.entries[num]; !ok {
		d.entries[num] = e
	}
	if d.work += 16; len(d.entries) > maxEntries || len(section.Objects) > maxEntries {
		return tooCostly("the file has more than %d cross-reference entries", maxEntries)
	}
	return d.spend(0)
}

// readXrefStream reads a cross-reference stream (ISO 32000-1, 7.5.8).
func (d *Document) readXrefStream(offset int) (Section, error) {
	section := Section{Offset: offset}
	l := lexer{b: d.Data, pos: offset}
	l.skip()
	num, ok := l.unsigned()
	if !ok || num > maxObject {
		return section, unparsable("there is no cross-reference section at byte %d", offset)
	}
	v, _, err := d.objectAt(offset, uint32(num), lengthHere)
	if err != nil {
		return section, err
	}
	s, ok := v.(Stream)
	if !ok || s.Dict.Get("Type") != Name("XRef") || s.Dict.Repeats() {
		return section, unparsable("there is no cross-reference section at byte %d", offset)
	}
	section.Trailer = s.Dict
	if err := refuseEncrypt(s.Dict); err != nil {
		return section, err
	}
	body, err := d.inflate(s)
	if err != nil {
		return section, err
	}
	widths, row, err := columnWidths(s.Dict)
	if err != nil {
		return section, err
	}
	ranges, err := indexRanges(s.Dict)
	if err != nil {
		return section, err
	}
	for i := 0; i < len(ranges); i += 2 {
		for k := int64(0); k < ranges[i+1]; k++ {
			if len(body) < row {
				return section, unparsable("the cross-reference stream at byte %d is shorter than it claims", offset)
			}
			num := ranges[i] + k
			if num > maxObject {
				return section, unparsable("the cross-reference stream at byte %d names object %d", offset, num)
			}
			if err := d.place(&section, uint32(num), d.streamEntry(body[:row], widths)); err != nil {
				return section, err
			}
			body = body[row:]
		}
	}
	return section, nil
}

// columnWidths reads /W: three columns of at most eight bytes.
func columnWidths(dict Dict) (widths [3]int, row int, err error) {
	w, _ := dict.Get("W").(Array)
	if len(w) != 3 {
		return widths, 0, unparsable("/W of a cross-reference stream is not three numbers")
	}
	for i, v := range w {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 8 {
			return widths, 0, unparsable("/W of a cross-reference stream has a column that is not of 0 to 8 bytes")
		}
		widths[i] = int(n)
		row += int(n)
	}
	if row == 0 {
		return widths, 0, unparsable("/W of a cross-reference stream leaves no room for an entry")
	}
	return widths, row, nil
}

// indexRanges reads /Index, or makes it of /Size: pairs of first and count.
func indexRanges(dict Dict) ([]int64, error) {
	index, ok := dict.Get("Index").(Array)
	if !ok {
		size, ok := dict.Get("Size").(int64)
		if !ok || size < 0 {
			return nil, unparsable("a cross-reference stream has no /Size")
		}
		return []int64{0, size}, nil
	}
	if len(index)%2 != 0 {
		return nil, unparsable("/Index of a cross-reference stream is not pairs")
	}
	out := make([]int64, len(index))
	for i, v := range index {
		n, ok := v.(int64)
		if !ok || n < 0 {
			return nil, unparsable("/Index of a cross-reference stream is not pairs of numbers")
		}
		out[i] = n
	}
	return out, nil
}

func (d *Document) streamEntry(row []byte, widths [3]int) entry {
	var f [3]uint64
	f[0] = 1 // the default when the column has no width
	for i, w := range widths {
		if w > 0 {
			f[i] = 0
		}
		for range w {
			f[i] = f[i]<<8 | uint64(row[0])
			row = row[1:]
		}
	}
	switch {
	case f[0] == 1 && f[1] > 0 && f[1] < uint64(len(d.Data)):
		return entry{kind: entryPlain, a: uint32(f[1])}
	case f[0] == 2 && f[1] <= maxObject && f[2] < 1<<16:
		return entry{kind: entryPacked, a: uint32(f[1]), b: uint16(f[2])}
	}
	return entry{}
}
