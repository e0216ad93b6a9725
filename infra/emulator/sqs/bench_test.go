package sqs_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"paht/infra/emulator/sqs"
	"paht/infra/emulator/storage"
)

// BenchmarkMessage is one message's whole life on a file: sent, received,
// deleted, by as many consumers as the machine has cores.
func BenchmarkMessage(b *testing.B) {
	store, err := storage.OpenFile(filepath.Join(b.TempDir(), "store"))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	service, err := sqs.New(store, sqs.Options{Account: "000000000000", Region: "ap-southeast-1"})
	if err != nil {
		b.Fatal(err)
	}
	if err := service.Create("screen", nil); err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(pb *testing.PB) {
		var none time.Duration
		for pb.Next() {
			if _, err := service.Send("screen", sqs.Outgoing{Body: `{"report":"PA-0123456789","event":4}`}); err != nil {
				b.Error(err)
			}
			messages, err := service.Receive(context.Background(), "screen", sqs.Request{Wait: &none})
			if err != nil {
				b.Error(err)
			}
			for _, m := range messages {
				if err := service.Delete("screen", m.Receipt); err != nil {
					b.Error(err)
				}
			}
		}
	})
}
