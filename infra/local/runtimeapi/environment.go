package runtimeapi

import (
	"fmt"
	"slices"
)

// environment is what the function's process gets: the template's variables,
// what Lambda sets itself, and the addresses of the services here; nothing of
// the environment that the system was started in.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (p *pool) environment(api string) []string {
	f, o := p.function, p.runtime.options
	set := map[string]string{
		"PATH":       "/usr/local/bin:/usr/bin:/bin",
		"LANG":       "en_US.UTF-8",
		"TZ":         ":UTC",
		"GOMEMLIMIT": fmt.Sprintf("%dMiB", f.MemoryMB*9/10),
	}
	for name, value := range f.Environment {
		set[name] = value
	}
	// Lambda's own names are reserved: the template cannot set them.
	for name, value := range map[string]string{
		"_HANDLER":                        f.Handler,
		"AWS_ACCESS_KEY_ID":               f.AccessKey,
		"AWS_SECRET_ACCESS_KEY":           f.Secret,
		"AWS_REGION":                      o.Region,
		"AWS_DEFAULT_REGION":              o.Region,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": fmt.Sprint(f.MemoryMB),
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_LAMBDA_RUNTIME_API":          api,
		"LAMBDA_TASK_ROOT":                f.Dir,
		"LAMBDA_RUNTIME_DIR":              f.Dir,
	} {
		set[name] = value
	}
	if f.LogFormat != "" {
		set["AWS_LAMBDA_LOG_FORMAT"] = f.LogFormat
	}
	if f.LogLevel != "" {
		set["AWS_LAMBDA_LOG_LEVEL"] = f.LogLevel
	}
	for name, value := range o.Endpoints {
		set[name] = value
	}
	var list []string
	for name, value := range set {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}
