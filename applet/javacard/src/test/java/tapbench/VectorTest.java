package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import javacard.framework.ISOException;
import javacard.security.MessageDigest;
import org.junit.jupiter.api.Test;

/** Whole messages of the protocol, as a card takes them, against the vectors that Go shares. */
class VectorTest {
    private static final short BODY = Wire.POINT_LEN; // where the body lies once it is open
    private static final short CERTIFICATE = (short) (11 + 16 + 4 + 8); // CERT_AID^B's signature
    private static final short SIGNATURE = (short) (CERTIFICATE + Wire.SIGNATURE_LEN);

    /** th_0 to th_2, as a card chains them. */
    @Test
    void chainsATranscript() {
        Vector v = Vector.read("transcript");
        MessageDigest sha = new Card().algorithms.sha256;
        byte[] th = new byte[Wire.HASH_LEN];
        for (String field : new String[] {"label", "phase", "initiator", "responder"}) {
            sha.update(v.get(field), (short) 0, (short) v.get(field).length);
        }
        sha.doFinal(v.get("responder_id"), (short) 0, Wire.PARTY_ID_LEN, th, (short) 0);
        assertArrayEquals(v.get("th_0"), th);
        for (int k = 1; k <= 2; k++) {
            byte[] message = v.get("message_" + k);
            sha.update(th, (short) 0, Wire.HASH_LEN);
            sha.doFinal(message, (short) 0, (short) message.length, th, (short) 0);
            assertArrayEquals(v.get("th_" + k), th);
        }
    }

    /** Phase 2 message 4, each byte changed in turn. */
    @Test
    void refusesAChangedGrant() {
        Vector v = Vector.read("aid-grant");
        Card card = new Card();
        for (int i = 0; i < v.get("sealed").length; i++) {
            byte[] sealed = v.get("sealed");
            sealed[i] ^= 1;
            ISOException e = assertThrows(ISOException.class,
                () -> open(card, v, v.get("th_3"), sealed), "byte " + i);
            assertEquals(Wire.SW_WRONG_DATA, e.getReason());
        }
    }

    /** The same message in another run. */
    @Test
    void refusesAGrantOfAnotherRun() {
        Vector v = Vector.read("aid-grant");
        byte[] th = v.get("th_3");
        th[0] ^= 1;
        Card card = new Card();
        assertThrows(ISOException.class, () -> open(card, v, th, v.get("sealed")));
        byte[] sealed = v.get("sealed");
        open(card, v, v.get("th_3"), sealed);
        assertFalse(isSigned(card, v, th, sealed));
    }

    /** Phase 2 message 4: opened, both signatures checked, K_AID,B exported. */
    @Test
    void opensTheGrant() {
        Vector v = Vector.read("aid-grant");
        Card card = new Card();
        byte[] sealed = v.get("sealed");
        short len = open(card, v, v.get("th_3"), sealed);
        assertArrayEquals(v.get("body"), Arrays.copyOfRange(sealed, BODY, BODY + len));
        card.hpke.exportKeys(Wire.KEY_AID_TO_BANK);
        assertArrayEquals(v.get("keys_to_bank"), card.work(Transients.KEYS, (short) 32));
        card.hpke.exportKeys(Wire.KEY_AID_TO_SE);
        assertArrayEquals(v.get("keys_to_se"), card.work(Transients.KEYS, (short) 32));
        assertTrue(isCertified(card, v, sealed));
        assertTrue(isSigned(card, v, v.get("th_3"), sealed));
    }

    /** Opens a grant in place and returns the body's length. */
    static short open(Card card, Vector v, byte[] th, byte[] sealed) {
        card.hpke.decapsulate(Card.set(card.kem, v.get("kem_private")), v.get("kem"),
            (short) 0, sealed, (short) 0, Wire.MSG_AID_GRANT);
        card.hpke.exportKeys(Wire.MSG_AID_GRANT);
        card.channel.setKeys(card.ram.work, Transients.KEYS);
        return card.channel.open(SecureMessaging.FIRST, (short) 0, th, (short) 0,
            (short) th.length, sealed, BODY, (short) (sealed.length - BODY));
    }

    /** Checks CERT_AID^B: bank, account, both keys, limit, expiry. */
    static boolean isCertified(Card card, Vector v, byte[] grant) {
        Signing signing = card.signing;
        signing.begin(v.get("bank_public"), (short) 0, Wire.CERT_ACCOUNT);
        signing.update(v.get("bank"), (short) 0, Wire.PARTY_ID_LEN);
        signing.update(grant, (short) (BODY + 11), Wire.ACCOUNT_ID_LEN);
        signing.update(v.get("sign"), (short) 0, Wire.POINT_LEN);
        signing.update(v.get("kem"), (short) 0, Wire.POINT_LEN);
        signing.update(grant, (short) (BODY + 31), Wire.LIMIT_LEN);
        signing.update(grant, (short) (BODY + 27), Wire.EPOCH_LEN);
        return signing.verify(grant, (short) (BODY + CERTIFICATE));
    }

    /** Checks aid-grant: th_3, enc and the body but its signature. */
    static boolean isSigned(Card card, Vector v, byte[] th, byte[] grant) {
        Signing signing = card.signing;
        signing.begin(v.get("bank_public"), (short) 0, Wire.MSG_AID_GRANT);
        signing.update(th, (short) 0, Wire.HASH_LEN);
        signing.update(grant, (short) 0, Wire.POINT_LEN);
        signing.update(grant, (short) (BODY + 11), (short) (SIGNATURE - 11));
        return signing.verify(grant, (short) (BODY + SIGNATURE));
    }
}
