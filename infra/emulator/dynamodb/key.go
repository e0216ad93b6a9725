package dynamodb

import "bytes"

// Keys are stored so that the order of the bytes is the service's order: strings and binaries by unsigned bytes,
// numbers by value. Each part ends itself, so no key is the beginning of another and parts may follow one another.

const (
	maxHashSize  = 2048
	maxRangeSize = 1024
)

type keyAttribute struct {
	Name string
	Kind kind
}

// A keySchema is a partition key and, where Range.Name is not empty, a sort key.
type keySchema struct {
	Hash  keyAttribute
	Range keyAttribute
}

func (k *keySchema) hasRange() bool { return k.Range.Name != "" }

func (k *keySchema) holds(name string) bool {
	return name == k.Hash.Name || k.hasRange() && name == k.Range.Name
}

func (k *keySchema) attributes() []keyAttribute {
	if k.hasRange() {
		return []keyAttribute{k.Hash, k.Range}
	}
	return []keyAttribute{k.Hash}
}

// checkItem refuses an item without a good primary key.
func (k *keySchema) checkItem(it item) *fault {
	for _, a := range k.attributes() {
		v, ok := it.get(a.Name)
		if !ok {
			return invalid("One or more parameter values were invalid: Missing the key %s in the item", a.Name)
		}
		if v.kind != a.Kind {
			return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", a.Name, a.Kind, v.kind)
		}
	}
	return k.checkSizes(it)
}

// checkKey refuses a key that is not exactly the schema's attributes.
func (k *keySchema) checkKey(key item) *fault {
	if len(key) != len(k.attributes()) {
		return invalid("The provided key element does not match the schema")
	}
	for _, a := range k.attributes() {
		if v, ok := key.get(a.Name); !ok || v.kind != a.Kind {
			return invalid("The provided key element does not match the schema")
		}
	}
	return k.checkSizes(key)
}

func (k *keySchema) checkSizes(it item) *fault {
	for _, a := range k.attributes() {
		v, _ := it.get(a.Name)
		if f := checkKeyValue(a.Name, &v); f != nil {
			return f
		}
	}
	if v, _ := it.get(k.Hash.Name); len(v.text) > maxHashSize {
		return invalid("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of%d bytes", maxHashSize)
	}
	if v, _ := it.get(k.Range.Name); k.hasRange() && len(v.text) > maxRangeSize {
		return invalid("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of %d bytes", maxRangeSize)
	}
	return nil
}

func checkKeyValue(name string, v *value) *fault {
	if v.text != "" {
		return nil
	}
	what := "string"
	if v.kind == kindB {
		what = "binary"
	}
	return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", what, name)
}

// appendKey writes the stored form of an item's key; the item has been checked.
func (k *keySchema) appendKey(dst []byte, it item) []byte {
	v, _ := it.get(k.Hash.Name)
	dst = appendKeyPart(dst, &v)
	if k.hasRange() {
		v, _ = it.get(k.Range.Name)
		dst = appendKeyPart(dst, &v)
	}
	return dst
}

func appendKeyPart(dst []byte, v *value) []byte {
	if v.kind == kindN {
		return appendNumberKey(dst, v.text)
	}
	return append(appendEscaped(dst, v.text), 0, 1)
}

// appendEscaped doubles zero bytes so that the end mark sorts before everything that could follow.
func appendEscaped(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, s[i])
		if s[i] == 0 {
			dst = append(dst, 0xFF)
		}
	}
	return dst
}

// keyOf keeps the key attributes of an item.
func (k *keySchema) keyOf(it item) item {
	key := make(item, 0, 4)
	for _, a := range k.attributes() {
		if v, ok := it.get(a.Name); ok {
			key.set(a.Name, v)
		}
	}
	return key
}

// A span is the keys from low up to, but not including, high.
type span struct{ low, high []byte }

// prefixSpan holds every key that begins with prefix.
func prefixSpan(prefix []byte) span { return span{prefix, after(prefix)} }

// after returns the first key beyond all that begin with prefix. No stored prefix is all 0xFF.
func after(prefix []byte) []byte {
	next := bytes.Clone(prefix)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return next[:i+1]
		}
	}
	return nil
}

func (s span) holds(key []byte) bool {
	return bytes.Compare(key, s.low) >= 0 && bytes.Compare(key, s.high) < 0
}
