package tapbench;

import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;

/**
 * What stays without power. Everything is allocated when the applet is installed. No command
 * changes it yet; whatever will do so does it here, in one transaction for each command.
 */
final class Persistent {
    /** The private key of an account's key encapsulation, PK_AID,kem. */
    final ECPrivateKey kem;

    /** The private key of a virtual card, SK_V. */
    final ECPrivateKey card;

    /** The public key that a signature is checked with; set anew for each. */
    final ECPublicKey signer;

    private final byte life;

    Persistent() {
        life = Wire.LIFE_CYCLE_SELECTABLE;
        kem = Curve.newPrivate();
        card = Curve.newPrivate();
        signer = Curve.newPublic();
    }

    /** Returns the life cycle state. */
    byte life() {
        return life;
    }
}
