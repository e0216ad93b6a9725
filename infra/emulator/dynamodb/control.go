package dynamodb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"paht/infra/emulator/storage"
)

// controls are the operations on tables.
var controls = map[string]func(h *Handler, body []byte) ([]byte, error){
	"CreateTable":        (*Handler).createTable,
	"DescribeTable":      (*Handler).describeTable,
	"UpdateTable":        (*Handler).updateTable,
	"DeleteTable":        (*Handler).deleteTable,
	"UpdateTimeToLive":   (*Handler).updateTimeToLive,
	"DescribeTimeToLive": (*Handler).describeTimeToLive,
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func badName(parameter, name string) *fault {
	if strings.HasPrefix(name, "arn:") {
		return unsupported("an ARN as %s", parameter)
	}
	return invalid("Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+, with length from 3 to 255", name, parameter)
}

// The shapes of the requests; a member that is not here is not supported here.
type (
	tableRequest struct {
		TableName                   string
		AttributeDefinitions        []attributeDefinition
		KeySchema                   []keyElement
		BillingMode                 string
		GlobalSecondaryIndexes      []indexRequest
		GlobalSecondaryIndexUpdates []indexUpdate
		DeletionProtectionEnabled   *bool
	}
	attributeDefinition struct{ AttributeName, AttributeType string }
	keyElement          struct{ AttributeName, KeyType string }
	indexRequest        struct {
		IndexName  string
		KeySchema  []keyElement
		Projection projection
	}
	indexUpdate struct {
		Create *indexRequest
		Delete *struct{ IndexName string }
	}
	projection struct {
		ProjectionType   string
		NonKeyAttributes []string `json:",omitempty"`
	}
	expiryRequest struct {
		TableName               string
		TimeToLiveSpecification struct {
			AttributeName string
			Enabled       bool
		}
	}
)

func decodeControl(operation string, body []byte, into any) *fault {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return unsupported("parameter %s of %s", strings.Trim(name, `"`), operation)
	}
	return &fault{code: codeSerialization, message: "reading the request: " + err.Error()}
}

func (h *Handler) createTable(body []byte) ([]byte, error) {
	var r tableRequest
	if f := decodeControl("CreateTable", body, &r); f != nil {
		return nil, f
	}
	t, f := r.table()
	if f != nil {
		return nil, f
	}
	t.Created = h.now().UTC()
	h.schema.Lock()
	defer h.schema.Unlock()
	if h.tables[t.Name] != nil {
		return nil, &fault{code: codeInUse, message: "Table already exists: " + t.Name}
	}
	if err := h.store.Update(t.store); err != nil {
		return nil, fmt.Errorf("creating table %s: %w", t.Name, err)
	}
	h.tables[t.Name] = t
	return h.describe("TableDescription", t)
}

func (r *tableRequest) table() (*table, *fault) {
	switch {
	case !tableName.MatchString(r.TableName):
		return nil, badName("tableName", r.TableName)
	case r.BillingMode != "PAY_PER_REQUEST":
		return nil, unsupported("BillingMode %q; tables are PAY_PER_REQUEST", r.BillingMode)
	case r.GlobalSecondaryIndexUpdates != nil:
		return nil, unsupported("parameter GlobalSecondaryIndexUpdates of CreateTable")
	}
	kinds, f := r.kinds()
	if f != nil {
		return nil, f
	}
	t := &table{Name: r.TableName, Protected: r.DeletionProtectionEnabled != nil && *r.DeletionProtectionEnabled}
	if t.Key, f = readSchema(r.KeySchema, kinds); f != nil {
		return nil, f
	}
	for _, x := range r.GlobalSecondaryIndexes {
		made, f := x.index(kinds)
		if f != nil {
			return nil, f
		}
		if _, twice := t.find(made.Name); twice {
			return nil, invalid("One or more parameter values were invalid: Duplicate index name: %s", made.Name)
		}
		t.Indexes = append(t.Indexes, made)
	}
	if len(t.Indexes) > maxIndexes {
		return nil, invalid("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d", maxIndexes)
	}
	used := map[string]bool{}
	for _, k := range t.schemas() {
		for _, a := range k.attributes() {
			used[a.Name] = true
		}
	}
	for name := range kinds {
		if !used[name] {
			return nil, invalid("One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: %v, keys used: %v",
				slices.Sorted(maps.Keys(kinds)), slices.Sorted(maps.Keys(used)))
		}
	}
	return t.name(), nil
}

// maxIndexes is the default quota.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const maxIndexes = 20

func (t *table) schemas() []*keySchema {
	all := []*keySchema{&t.Key}
	for _, x := range t.Indexes {
		all = append(all, &x.Key)
	}
	return all
}

func (r *tableRequest) kinds() (map[string]kind, *fault) {
	kinds := map[string]kind{}
	for _, d := range r.AttributeDefinitions {
		k := kindNamed(d.AttributeType)
		if k != kindS && k != kindN && k != kindB {
			return nil, invalid("Value '%s' at 'attributeDefinitions' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]", d.AttributeType)
		}
		if kinds[d.AttributeName] != 0 || d.AttributeName == "" {
			return nil, invalid("Cannot have two attributes with the same name, or one without: %q", d.AttributeName)
		}
		kinds[d.AttributeName] = k
	}
	return kinds, nil
}

func readSchema(elements []keyElement, kinds map[string]kind) (k keySchema, f *fault) {
	if len(elements) < 1 || len(elements) > 2 || elements[0].KeyType != "HASH" ||
		len(elements) == 2 && elements[1].KeyType != "RANGE" {
		return k, invalid("Invalid KeySchema: one HASH key, then at most one RANGE key is allowed here")
	}
	for i, e := range elements {
		a := keyAttribute{e.AttributeName, kinds[e.AttributeName]}
		if a.Kind == 0 {
			return k, invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Key: %s", a.Name)
		}
		if i == 0 {
			k.Hash = a
		} else {
			k.Range = a
		}
	}
	if k.Hash.Name == k.Range.Name {
		return k, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	}
	return k, nil
}

func (r *indexRequest) index(kinds map[string]kind) (*index, *fault) {
	x := &index{Name: r.IndexName, Projection: r.Projection.ProjectionType, Included: r.Projection.NonKeyAttributes}
	if !tableName.MatchString(x.Name) {
		return nil, badName("indexName", x.Name)
	}
	switch x.Projection {
	case "ALL", "KEYS_ONLY":
		if len(x.Included) > 0 {
			return nil, invalid("One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is specified", x.Projection)
		}
	case "INCLUDE":
		if len(x.Included) == 0 {
			return nil, invalid("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
		}
	default:
		return nil, invalid("One or more parameter values were invalid: Unknown ProjectionType: %s", x.Projection)
	}
	var f *fault
	x.Key, f = readSchema(r.KeySchema, kinds)
	return x, f
}

func (h *Handler) describeTable(body []byte) ([]byte, error) {
	t, done, err := h.named("DescribeTable", body)
	if err != nil {
		return nil, err
	}
	defer done()
	return h.describe("Table", t)
}

// named reads a request that is a table's name alone; done gives back the read lock.
func (h *Handler) named(operation string, body []byte) (t *table, done func(), err error) {
	var r struct{ TableName string }
	if f := decodeControl(operation, body, &r); f != nil {
		return nil, nil, f
	}
	h.schema.RLock()
	if t, err = h.lookup(r.TableName); err != nil {
		h.schema.RUnlock()
		return nil, nil, err
	}
	return t, h.schema.RUnlock, nil
}

func (h *Handler) lookup(name string) (*table, error) {
	if !tableName.MatchString(name) {
		return nil, badName("tableName", name)
	}
	if t := h.tables[name]; t != nil {
		return t, nil
	}
	return nil, &fault{code: codeNotFound, message: "Requested resource not found: Table: " + name + " not found"}
}

// updateTable makes or removes one index, or changes the protection against deletion.
func (h *Handler) updateTable(body []byte) ([]byte, error) {
	var r tableRequest
	if f := decodeControl("UpdateTable", body, &r); f != nil {
		return nil, f
	}
	switch {
	case r.KeySchema != nil, r.GlobalSecondaryIndexes != nil:
		return nil, unsupported("parameters KeySchema and GlobalSecondaryIndexes of UpdateTable")
	case r.BillingMode != "" && r.BillingMode != "PAY_PER_REQUEST":
		return nil, unsupported("BillingMode %s", r.BillingMode)
	case len(r.GlobalSecondaryIndexUpdates) > 1:
		return nil, &fault{code: codeLimit, message: "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"}
	case len(r.GlobalSecondaryIndexUpdates) == 0 && r.DeletionProtectionEnabled == nil:
		return nil, invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	h.schema.Lock()
	defer h.schema.Unlock()
	old, err := h.lookup(r.TableName)
	if err != nil {
		return nil, err
	}
	t := old.copy()
	if r.DeletionProtectionEnabled != nil {
		t.Protected = *r.DeletionProtectionEnabled
	}
	err = h.store.Update(func(tx storage.Tx) error {
		for _, u := range r.GlobalSecondaryIndexUpdates {
			if err := u.apply(tx, t, &r); err != nil {
				return err
			}
		}
		return t.store(tx)
	})
	if err != nil {
		return nil, err
	}
	h.tables[t.Name] = t
	return h.describe("TableDescription", t)
}

func (u *indexUpdate) apply(tx storage.Tx, t *table, r *tableRequest) error {
	switch {
	case u.Delete != nil && u.Create == nil:
		x, ok := t.find(u.Delete.IndexName)
		if !ok {
			return &fault{code: codeNotFound, message: "Requested resource not found: index " + u.Delete.IndexName}
		}
		t.Indexes = slices.DeleteFunc(t.Indexes, func(y *index) bool { return y == x })
		return dropBuckets(tx, x.bucket, x.lagBucket)
	case u.Create == nil || u.Delete != nil:
		return unsupported("an index update that is neither Create nor Delete")
	}
	kinds, f := r.kinds()
	if f != nil {
		return f
	}
	for _, k := range t.schemas() {
		for _, a := range k.attributes() {
			if given := kinds[a.Name]; given != 0 && given != a.Kind {
				return invalid("One or more parameter values were invalid: the attribute %s has type %s already", a.Name, a.Kind)
			}
			kinds[a.Name] = a.Kind
		}
	}
	x, f := u.Create.index(kinds)
	if f != nil {
		return f
	}
	if _, twice := t.find(x.Name); twice {
		return invalid("Attempting to create an index which already exists")
	}
	if t.Indexes = append(t.Indexes, x); len(t.Indexes) > maxIndexes {
		return &fault{code: codeLimit, message: "Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of 20"}
	}
	t.name()
	return backfill(tx, t, x)
}

func dropBuckets(tx storage.Tx, names ...string) error {
	for _, name := range names {
		if err := tx.DropBucket(name); err != nil {
			return fmt.Errorf("dropping %s: %w", name, err)
		}
	}
	return nil
}

func (h *Handler) deleteTable(body []byte) ([]byte, error) {
	var r struct{ TableName string }
	if f := decodeControl("DeleteTable", body, &r); f != nil {
		return nil, f
	}
	h.schema.Lock()
	defer h.schema.Unlock()
	t, err := h.lookup(r.TableName)
	if err != nil {
		return nil, err
	}
	if t.Protected {
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	err = h.store.Update(func(tx storage.Tx) error {
		names := []string{t.bucket, t.expiryName}
		for _, x := range t.Indexes {
			names = append(names, x.bucket, x.lagBucket)
		}
		return errors.Join(dropBuckets(tx, names...), tx.Delete(catalogue, []byte(t.Name)))
	})
	if err != nil {
		return nil, fmt.Errorf("deleting table %s: %w", t.Name, err)
	}
	delete(h.tables, t.Name)
	return h.describe("TableDescription", t)
}

func (h *Handler) updateTimeToLive(body []byte) ([]byte, error) {
	var r expiryRequest
	if f := decodeControl("UpdateTimeToLive", body, &r); f != nil {
		return nil, f
	}
	h.schema.Lock()
	defer h.schema.Unlock()
	old, err := h.lookup(r.TableName)
	if err != nil {
		return nil, err
	}
	wanted := r.TimeToLiveSpecification
	switch {
	case wanted.AttributeName == "":
		return nil, missing("timeToLiveSpecification.attributeName")
	case wanted.Enabled && old.TTL != "":
		return nil, invalid("TimeToLive is already enabled")
	case !wanted.Enabled && old.TTL == "":
		return nil, invalid("TimeToLive is already disabled")
	case !wanted.Enabled && old.TTL != wanted.AttributeName:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", old.TTL)
	}
	t := old.copy()
	t.TTL = ""
	if wanted.Enabled {
		t.TTL = wanted.AttributeName
	}
	err = h.store.Update(func(tx storage.Tx) error {
		if err := tx.DropBucket(t.expiryName); err != nil {
			return err
		}
		if err := fillExpiry(tx, t); err != nil {
			return err
		}
		return t.store(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("changing the time to live of table %s: %w", t.Name, err)
	}
	h.tables[t.Name] = t
	return json.Marshal(map[string]any{"TimeToLiveSpecification": wanted})
}

func (h *Handler) describeTimeToLive(body []byte) ([]byte, error) {
	t, done, err := h.named("DescribeTimeToLive", body)
	if err != nil {
		return nil, err
	}
	defer done()
	description := map[string]any{"TimeToLiveStatus": "DISABLED"}
	if t.TTL != "" {
		description = map[string]any{"TimeToLiveStatus": "ENABLED", "AttributeName": t.TTL}
	}
	return json.Marshal(map[string]any{"TimeToLiveDescription": description})
}
