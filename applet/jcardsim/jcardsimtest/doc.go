// Package jcardsimtest starts machines with the applet as it is in the sources now, for tests.
package jcardsimtest
