package tapbench;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import javacard.security.KeyAgreement;
import javacard.security.Signature;
import javacardx.crypto.Cipher;
import tearing.Lacking;

/**
 * The bridge's operation A: cards that are made from now on lack algorithms, given by the bits of
 * the capability object [2]; 0000: none. It needs the tearing agent in the JVM.
 */
final class Hidden {
    private Hidden() {
    }

    static void set(byte[] bits) {
        short lacks = ByteBuffer.wrap(bits).getShort();
        Set<String> names = new HashSet<>();
        if ((lacks & Wire.ALGORITHM_ECDSA) != 0) {
            names.add("Signature " + Signature.ALG_ECDSA_SHA_256);
        }
        if ((lacks & Wire.ALGORITHM_ECDH) != 0) {
            names.add("KeyAgreement " + KeyAgreement.ALG_EC_SVDP_DH_PLAIN);
        }
        if ((lacks & Wire.ALGORITHM_AES) != 0) {
            names.add("Cipher " + Cipher.ALG_AES_BLOCK_128_CBC_NOPAD);
            names.add("Cipher " + Cipher.ALG_AES_BLOCK_128_ECB_NOPAD);
        }
        if ((lacks & Wire.ALGORITHM_CMAC) != 0) {
            names.add("Signature " + Signature.ALG_AES_CMAC_128);
        }
        Lacking.hide(names);
    }
}
