package tearing;

import com.licel.jcardsim.bouncycastle.crypto.signers.DSAKCalculator;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * ECDSA's k as RFC 6979, 3.2, makes it of key and hash, with HMAC over the hash function whose
 * digests are as long as the hash. While sources aren't recorded it is the signer's own.
 */
final class RecordedK implements DSAKCalculator {
    private static final Map<Integer, String> HMACS = Map.of(20, "HmacSHA1", 28, "HmacSHA224",
        32, "HmacSHA256", 48, "HmacSHA384", 64, "HmacSHA512");

    private final DSAKCalculator own;
    private boolean isRecorded; // the signature under way
    private BigInteger order;
    private Mac hmac;
    private byte[] v;

    RecordedK(DSAKCalculator own) {
        this.own = own;
    }

    @Override
    public boolean isDeterministic() {
        return Sources.areRecorded();
    }

    @Override
    public void init(BigInteger n, SecureRandom random) {
        isRecorded = false;
        own.init(n, random);
    }

    @Override
    public void init(BigInteger n, BigInteger d, byte[] hash) {
        isRecorded = true;
        order = n;
        byte[] key = octets(d);
        byte[] h = octets(bits(hash).mod(n));
        try {
            hmac = Mac.getInstance(HMACS.get(hash.length));
        } catch (GeneralSecurityException | NullPointerException e) {
            throw new IllegalStateException("no HMAC for a hash of " + hash.length + " bytes", e);
        }
        v = new byte[hash.length];
        Arrays.fill(v, (byte) 1);
        use(new byte[hash.length]);
        step((byte) 0, key, h);
        step((byte) 1, key, h);
    }

    @Override
    public BigInteger nextK() {
        if (!isRecorded) {
            return own.nextK();
        }
        while (true) {
            int len = (order.bitLength() + 7) / 8;
            byte[] t = new byte[0];
            while (t.length < len) {
                v = hmac.doFinal(v);
                byte[] longer = Arrays.copyOf(t, t.length + v.length);
                System.arraycopy(v, 0, longer, t.length, v.length);
                t = longer;
            }
            BigInteger k = bits(Arrays.copyOf(t, len));
            step((byte) 0);
            if (k.signum() > 0 && k.compareTo(order) < 0) {
                return k;
            }
        }
    }

    /** K = HMAC_K(V || octet || parts); V = HMAC_K(V). */
    private void step(byte octet, byte[]... parts) {
        hmac.update(v);
        hmac.update(octet);
        for (byte[] part : parts) {
            hmac.update(part);
        }
        use(hmac.doFinal());
        v = hmac.doFinal(v);
    }

    private void use(byte[] key) {
        try {
            hmac.init(new SecretKeySpec(key, hmac.getAlgorithm()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** bits2int: the leftmost bits, as many as the order has. */
    private BigInteger bits(byte[] octets) {
        BigInteger value = new BigInteger(1, octets);
        return value.shiftRight(Math.max(0, octets.length * 8 - order.bitLength()));
    }

    /** int2octets: as many bytes as the order has. */
    private byte[] octets(BigInteger value) {
        int len = (order.bitLength() + 7) / 8;
        byte[] raw = value.toByteArray();
        byte[] out = new byte[len];
        int n = Math.min(len, raw.length);
        System.arraycopy(raw, raw.length - n, out, len - n, n);
        return out;
    }
}
