/**
 * Reads compiled Java Card classes and says what a card would refuse, how much memory they take, and
 * about how much code they are. See README.md.
 */
package checker;
