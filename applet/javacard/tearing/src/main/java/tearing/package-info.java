/**
 * Tearing of Java Card applets on jCardSim: an agent that counts persistent stores, makes
 * transactions roll back and cuts the power. {@link tearing.Power} is what tests use.
 */
package tearing;
