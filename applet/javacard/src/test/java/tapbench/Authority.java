package tapbench;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.Arrays;

/** A certificate authority, by the JDK's cryptography. */
final class Authority {
    static final byte[] ID = "TESTCA01".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private static final int COORDINATE = 32;

    /** PK_CA [65]. */
    final byte[] point;

    private final PrivateKey key;
    private final ECParameterSpec curve;

    Authority() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            ECPublicKey made = (ECPublicKey) pair.getPublic();
            key = pair.getPrivate();
            curve = made.getParams();
            point = new byte[Wire.POINT_LEN];
            point[0] = 4;
            write(made.getW().getAffineX(), point, 1);
            write(made.getW().getAffineY(), point, 1 + COORDINATE);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(BigInteger number, byte[] out, int off) {
        byte[] bytes = number.toByteArray();
        int len = Math.min(bytes.length, COORDINATE);
        Arrays.fill(out, off, off + COORDINATE, (byte) 0);
        System.arraycopy(bytes, bytes.length - len, out, off + COORDINATE - len, len);
    }

    /** Returns a compact certificate: subject [16], key [65]. */
    byte[] certificate(byte type, byte[] subject, byte[] of) {
        byte[] fields = join(ID, subject, of, new byte[Wire.EPOCH_LEN]);
        byte[] sig = sign(key, join(new byte[] {type}, Wire.LABEL, fields));
        return join(new byte[] {type}, fields, sig);
    }

    /** Says whether a private key [32] belongs to a public one [65]. */
    boolean isPair(byte[] scalar, byte[] of) {
        try {
            PrivateKey secret = KeyFactory.getInstance("EC").generatePrivate(
                new ECPrivateKeySpec(new BigInteger(1, scalar), curve));
            return Witness.verifies(of, ID, sign(secret, ID));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns r || s with s in its lower half. */
    private byte[] sign(PrivateKey by, byte[] bytes) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(by);
            signature.update(bytes);
            byte[] sig = signature.sign();
            BigInteger s = new BigInteger(1, Arrays.copyOfRange(sig, COORDINATE, sig.length));
            write(s.min(curve.getOrder().subtract(s)), sig, COORDINATE);
            return sig;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
