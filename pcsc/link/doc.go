// Package link predicts what a command takes on a real card, from what the card does ([Work]), the
// bytes that pass ([Exchange]), published times of cards ([Cards]) and a contactless link
// ([Channel]).
//
//	card, _ := link.CardNamed("j3r180")
//	channel, err := link.NewChannel(106)
//	parts := link.Predict(card, channel, exchanges, work)
//	fmt.Println(parts.Total())
//
// docs/cost-model.md names the source of every figure, and which are estimates. Everything here is
// pure.
package link
