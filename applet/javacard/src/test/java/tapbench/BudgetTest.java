package tapbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What COST.md says that memory, a grant, a token and a tap cost, counted. */
class BudgetTest {
    private static final int TRANSIENT_MAX = 1536;
    private static final int AES_KEYS = 2 * Wire.KEY_LEN;

    @Test
    void leavesRoomInTransientMemory() {
        Card card = new Card();
        int own = card.ram.work.length + card.ram.buffer.length + card.ram.session.length
            + card.ram.tap.length + 6 + AES_KEYS;
        assertEquals(1214, own);
        assertTrue(own <= TRANSIENT_MAX);
    }

    /** PROTOCOL.md's bytes, of which 18 private keys lie in objects of their own. */
    @Test
    void keepsTheWholeElement() {
        assertEquals(16377, SavedState.LEN);
        assertEquals(18, Keys.FIRST);
        assertEquals(929, TokenSlot.TH - TokenSlot.CHECKPOINTS, "a token's chain");
        assertEquals(1423, TokenSlot.LEN);
    }

    @Test
    void opensAGrant() {
        Vector v = Vector.read("aid-grant");
        Card card = new Card();
        byte[] sealed = v.get("sealed");
        VectorTest.open(card, v, v.get("th_3"), sealed);
        card.hpke.exportKeys(Wire.KEY_AID_TO_BANK);
        card.hpke.exportKeys(Wire.KEY_AID_TO_SE);
        assertEquals(2 * (6 + 2 + 4), card.count.hashes, "two for each HMAC");
        assertTrue(VectorTest.isCertified(card, v, sealed));
        assertTrue(VectorTest.isSigned(card, v, v.get("th_3"), sealed));
        assertEquals(1, card.count.agreements);
        assertEquals(2, card.count.verifications);
        assertEquals(0, card.count.signatures);
        assertEquals(3, card.count.cipherInits, "MAC, IV, CBC");
        assertEquals(28, card.count.blocks);
        assertEquals(2892, card.count.hashedBytes, "HMACs 2,515, signatures 377");
    }

    @Test
    void signsATap() {
        Vector v = Vector.read("tap");
        Card card = new Card();
        byte[] signed = v.get("signed");
        card.signing.begin(Card.set(card.card, v.get("card_private")), signed[0]);
        card.signing.update(signed, (short) 11, (short) (signed.length - 11));
        card.signing.sign(new byte[Wire.SIGNATURE_LEN], (short) 0);
        assertEquals(1, card.count.signatures);
        assertEquals(89, card.count.hashedBytes);
        assertEquals(0, card.count.hashes + card.count.blocks + card.count.agreements);
    }
}
