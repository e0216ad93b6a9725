package dynamodb

import (
	"encoding/json"
	"maps"
	"slices"
)

// describe writes a TableDescription under a name. The counts that AWS brings up to date every six hours are left out.
func (h *Handler) describe(under string, t *table) ([]byte, error) {
	arn := "arn:aws:dynamodb:" + h.options.Region + ":" + h.options.Account + ":table/" + t.Name
	kinds := map[string]kind{}
	for _, k := range t.schemas() {
		for _, a := range k.attributes() {
			kinds[a.Name] = a.Kind
		}
	}
	var definitions []attributeDefinition
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		definitions = append(definitions, attributeDefinition{name, kinds[name].String()})
	}
	d := map[string]any{
		"TableName":                 t.Name,
		"TableArn":                  arn,
		"TableStatus":               "ACTIVE",
		"CreationDateTime":          float64(t.Created.UnixMilli()) / 1000,
		"KeySchema":                 t.Key.elements(),
		"AttributeDefinitions":      definitions,
		"BillingModeSummary":        map[string]any{"BillingMode": "PAY_PER_REQUEST"},
		"DeletionProtectionEnabled": t.Protected,
	}
	var indexes []map[string]any
	for _, x := range t.Indexes {
		indexes = append(indexes, map[string]any{
			"IndexName":   x.Name,
			"IndexArn":    arn + "/index/" + x.Name,
			"IndexStatus": "ACTIVE",
			"KeySchema":   x.Key.elements(),
			"Projection":  projection{x.Projection, x.Included},
		})
	}
	if indexes != nil {
		d["GlobalSecondaryIndexes"] = indexes
	}
	return json.Marshal(map[string]any{under: d})
}

func (k *keySchema) elements() []keyElement {
	out := []keyElement{{k.Hash.Name, "HASH"}}
	if k.hasRange() {
		out = append(out, keyElement{k.Range.Name, "RANGE"})
	}
	return out
}
