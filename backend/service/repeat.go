package service

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"tapbench/backend/store"
)

// Repeat carries a request out once, in one step of the store: the same request again gets the
// first answer again. What act refuses is not kept, so that the request may come again.
func Repeat[Q, A any](
	ctx context.Context, s store.Store, path string, request Q, act func(store.Tx) (A, error),
) (A, error) {
	var answer A
	raw, err := json.Marshal(request)
	if err != nil {
		return answer, fmt.Errorf("encoding a request: %w", err)
	}
	sum := sha256.Sum256(raw)
	kept, err := store.Once(ctx, s, store.Key{Op: path, ID: sum[:], Request: sum},
		func(tx store.Tx) ([]byte, error) {
			fresh, err := act(tx)
			if err != nil {
				return nil, err
			}
			return json.Marshal(fresh)
		})
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(kept, &answer); err != nil {
		return answer, fmt.Errorf("reading a kept answer: %w", err)
	}
	return answer, nil
}
