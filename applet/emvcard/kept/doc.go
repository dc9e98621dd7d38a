// Package kept keeps an EMV card in one file: its image, which never changes, beside its state,
// which does.
//
//	store, err := kept.Open(file)                // a saved.Store, such as statefile's
//	if store.Card() == nil {                     // nothing is kept yet
//		err = store.Begin("contact", newImage)
//	}
//	card, err := emvcard.New(emvcard.Config{Image: store.Card().Image, Store: store})
//
// Image and state are written together, so that a file is always one card's. Keys lie in it in
// clear.
package kept
