package service

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"tapbench/backend/api"
	"tapbench/backend/store"
)

// Repeat carries a request out once, in one step of the store: the same request again gets the
// first answer again. What act refuses is not kept, so that the request may come again.
func Repeat[Q, A any](
	ctx context.Context, s store.Store, path string, request Q, act func(store.Tx) (A, error),
) (A, error) {
	raw, err := json.Marshal(request)
	if err != nil {
		var none A
		return none, fmt.Errorf("encoding a request: %w", err)
	}
	sum := sha256.Sum256(raw)
	return once(ctx, s, store.Key{Op: path, ID: sum[:], Request: sum}, act)
}

// RepeatMessage is Repeat for a request that stands for a message of the protocol within it: the
// same message with anything else around it is refused ([api.CodeMismatch]), so that a message is
// answered once.
func RepeatMessage[Q, A any](
	ctx context.Context, s store.Store, path string, message []byte, request Q,
	act func(store.Tx) (A, error),
) (A, error) {
	var answer A
	raw, err := json.Marshal(request)
	if err != nil {
		return answer, fmt.Errorf("encoding a request: %w", err)
	}
	id := sha256.Sum256(message)
	answer, err = once(ctx, s, store.Key{Op: path, ID: id[:], Request: sha256.Sum256(raw)}, act)
	if errors.Is(err, store.ErrKeyReused) {
		return answer, api.Refuse(api.CodeMismatch, "this message came before, within another request")
	}
	return answer, err
}

func once[A any](
	ctx context.Context, s store.Store, key store.Key, act func(store.Tx) (A, error),
) (A, error) {
	var answer A
	kept, err := store.Once(ctx, s, key, func(tx store.Tx) ([]byte, error) {
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
