package s3

import (
	"net/http"
	"sync"
)

// keyLocks lets conditional writes of one key in one at a time: versitygw looks
// and then writes, so that two creates at once would both succeed, where S3
// lets one:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
type keyLocks struct {
	mu   sync.Mutex
	keys map[string]*keyLock
}

type keyLock struct {
	sync.Mutex
	waiting int
}

func (l *keyLocks) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == "" && r.Header.Get("If-Match") == "" || r.Method != http.MethodPut && r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		defer l.hold(r.URL.Path)()
		next.ServeHTTP(w, r)
	})
}

// hold takes a key's lock and gives what releases it.
func (l *keyLocks) hold(key string) (release func()) {
	l.mu.Lock()
	lock := l.keys[key]
	if lock == nil {
		if l.keys == nil {
			l.keys = map[string]*keyLock{}
		}
		lock = &keyLock{}
		l.keys[key] = lock
	}
	lock.waiting++
	l.mu.Unlock()
	lock.Lock()
	return func() {
		lock.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if lock.waiting--; lock.waiting == 0 {
			delete(l.keys, key)
		}
	}
}
