package tapbench;

import javacard.security.Key;
import javacard.security.Signature;

/** A platform's signature whose uses are counted. */
final class CountedSignature extends Signature {
    private final Count count;
    private final Signature wrapped;

    CountedSignature(Count count, Signature wrapped) {
        this.count = count;
        this.wrapped = wrapped;
    }

    @Override
    public void init(Key key, byte mode) {
        wrapped.init(key, mode);
    }

    @Override
    public void init(Key key, byte mode, byte[] parameters, short off, short len) {
        wrapped.init(key, mode, parameters, off, len);
    }

    @Override
    public void update(byte[] in, short off, short len) {
        count.hashedBytes += len;
        wrapped.update(in, off, len);
    }

    @Override
    public short sign(byte[] in, short off, short len, byte[] sig, short sigOff) {
        count.signatures++;
        return wrapped.sign(in, off, len, sig, sigOff);
    }

    @Override
    public boolean verify(byte[] in, short off, short len, byte[] sig, short sigOff, short sigLen) {
        count.verifications++;
        return wrapped.verify(in, off, len, sig, sigOff, sigLen);
    }

    @Override
    public byte getAlgorithm() {
        return wrapped.getAlgorithm();
    }

    @Override
    public byte getMessageDigestAlgorithm() {
        return wrapped.getMessageDigestAlgorithm();
    }

    @Override
    public byte getCipherAlgorithm() {
        return wrapped.getCipherAlgorithm();
    }

    @Override
    public byte getPaddingAlgorithm() {
        return wrapped.getPaddingAlgorithm();
    }

    @Override
    public short getLength() {
        return wrapped.getLength();
    }

    /** Real cards lack it, and the two below, so the applet may not use them. */
    @Override
    public void setInitialDigest(byte[] state, short off, short len, byte[] done, short doneOff,
            short doneLen) {
        throw new UnsupportedOperationException();
    }

    @Override
    public short signPreComputedHash(byte[] hash, short off, short len, byte[] sig, short sigOff) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean verifyPreComputedHash(byte[] hash, short off, short len, byte[] sig,
            short sigOff, short sigLen) {
        throw new UnsupportedOperationException();
    }
}
