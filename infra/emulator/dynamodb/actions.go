package dynamodb

import "strings"

// Actions tells what a request needs to be allowed: the IAM action and the resources, each as "table/NAME" or
// "table/NAME/index/INDEX". It reads no more of the body than that takes; what is wrong with the rest is for the
// handler to say. A target of another service gives an empty action; a body that cannot be read gives no resources, and
// the handler refuses it with the same reader.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
func Actions(target string, body []byte) (action string, resources []string) {
	operation, ok := strings.CutPrefix(target, targetPrefix)
	if !ok || operation == "" {
		return "", nil
	}
	var table, index string
	r := &reader{b: body}
	f := r.object(func(name string) (f *fault) {
		switch {
		case r.null():
		case name == "TableName":
			table, f = r.text()
		case name == "IndexName":
			index, f = r.text()
		case name == "RequestItems" && operation == "BatchGetItem":
			f = r.object(func(name string) *fault {
				resources = append(resources, "table/"+name)
				return r.skip()
			})
		default:
			f = r.skip()
		}
		return f
	})
	switch {
	case f != nil:
		resources = nil
	case table != "" && index != "":
		resources = append(resources, "table/"+table+"/index/"+index)
	case table != "":
		resources = append(resources, "table/"+table)
	}
	return "dynamodb:" + operation, resources
}
