package tapbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javacard.security.KeyAgreement;
import javacard.security.PrivateKey;
import org.junit.jupiter.api.Test;

class AlgorithmsTest {
    /** An agreement that computes with any point, as some cards do. */
    private static final class Careless extends KeyAgreement {
        @Override
        public void init(PrivateKey key) {
        }

        @Override
        public byte getAlgorithm() {
            return ALG_EC_SVDP_DH_PLAIN;
        }

        @Override
        public short generateSecret(byte[] in, short off, short len, byte[] out, short to) {
            return Curve.SCALAR_LEN;
        }
    }

    @Test
    void seesAnAgreementThatChecksNoPoints() {
        Card card = new Card();
        assertFalse(Algorithms.checksPoints(new Careless(), card.kem, card.ram));
    }

    @Test
    void findsAllThatTheSimulatorHas() {
        Card card = new Card();
        assertTrue(Algorithms.checksPoints(card.algorithms.ecdh, card.kem, card.ram));
        assertEquals(0x000F, card.algorithms.present);
    }
}
