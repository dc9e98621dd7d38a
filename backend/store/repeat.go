package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Repeat is [Once] for a request whose identity is all of its content: the same request to the
// same operation again gets the first answer, and a request that differs in one byte is another.
// Request and answer are kept and compared in their JSON form; whatever makes one request differ
// from another, such as a nonce or a ciphertext, must be in it.
func Repeat[Q, A any](
	ctx context.Context, s Store, op string, request Q, act func(Tx) (A, error),
) (A, error) {
	var answer A
	raw, err := json.Marshal(request)
	if err != nil {
		return answer, fmt.Errorf("encoding the request to %s: %w", op, err)
	}
	digest := sha256.Sum256(raw)
	key := Key{Op: op, ID: digest[:], Request: digest}
	raw, err = Once(ctx, s, key, func(tx Tx) ([]byte, error) {
		fresh, err := act(tx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(fresh)
	})
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return answer, fmt.Errorf("decoding the answer of %s: %w", op, err)
	}
	return answer, nil
}
