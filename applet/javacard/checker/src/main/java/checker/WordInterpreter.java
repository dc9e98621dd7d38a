package checker;

import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.analysis.Interpreter;

/**
 * Follows words through a method. A card computes with 16 bits where Java has 32: what may differ
 * above them is wide until a cast makes it a byte or a short.
 */
final class WordInterpreter extends Interpreter<Word> {
    private int parameters;

    WordInterpreter() {
        super(Opcodes.ASM9);
    }

    private static Word of(Type type) {
        return switch (type.getSort()) {
            case Type.VOID -> null;
            case Type.LONG, Type.DOUBLE -> Word.TWO;
            case Type.ARRAY, Type.OBJECT -> Word.REFERENCE;
            default -> Word.NARROW;
        };
    }

    @Override
    public Word newValue(Type type) {
        return type == null ? Word.NONE : of(type);
    }

    @Override
    public Word newParameterValue(boolean isInstance, int local, Type type) {
        int index = isInstance ? parameters++ - 1 : parameters++; // the object itself comes first
        return type.getSize() == 2 ? Word.TWO : new Word(of(type).kind(), null, index);
    }

    @Override
    public Word newOperation(AbstractInsnNode insn) {
        int opcode = insn.getOpcode();
        if (opcode >= Opcodes.ICONST_M1 && opcode <= Opcodes.ICONST_5) {
            return Word.of(opcode - Opcodes.ICONST_0);
        }
        return switch (opcode) {
            case Opcodes.BIPUSH, Opcodes.SIPUSH -> Word.of(((IntInsnNode) insn).operand);
            case Opcodes.LCONST_0, Opcodes.LCONST_1, Opcodes.DCONST_0, Opcodes.DCONST_1 -> Word.TWO;
            case Opcodes.FCONST_0, Opcodes.FCONST_1, Opcodes.FCONST_2 -> Word.NARROW;
            case Opcodes.LDC -> constant(((LdcInsnNode) insn).cst);
            case Opcodes.GETSTATIC -> of(Type.getType(((FieldInsnNode) insn).desc));
            default -> Word.REFERENCE; // null, new
        };
    }

    private static Word constant(Object constant) {
        if (constant instanceof Integer number) {
            return Word.of(number);
        }
        if (constant instanceof Long || constant instanceof Double) {
            return Word.TWO;
        }
        return constant instanceof Float ? Word.NARROW : Word.REFERENCE;
    }

    @Override
    public Word copyOperation(AbstractInsnNode insn, Word value) {
        return value;
    }

    @Override
    public Word unaryOperation(AbstractInsnNode insn, Word value) {
        return switch (insn.getOpcode()) {
            case Opcodes.INEG, Opcodes.IINC -> Word.WIDE;
            case Opcodes.I2B -> cast(value, (byte) (value.constant() == null ? 0
                : value.constant()));
            case Opcodes.I2S -> cast(value, (short) (value.constant() == null ? 0
                : value.constant()));
            case Opcodes.I2L, Opcodes.I2D, Opcodes.L2D, Opcodes.D2L, Opcodes.F2L, Opcodes.F2D,
                Opcodes.LNEG, Opcodes.DNEG -> Word.TWO;
            case Opcodes.GETFIELD -> of(Type.getType(((FieldInsnNode) insn).desc));
            case Opcodes.NEWARRAY, Opcodes.ANEWARRAY, Opcodes.CHECKCAST -> Word.REFERENCE;
            default -> Word.NARROW; // lengths, instanceof, what is no int anyway
        };
    }

    /** A parameter that is cast stays one: only its constants matter. */
    private static Word cast(Word value, int constant) {
        return value.constant() != null ? Word.of(constant)
            : new Word(Word.Kind.NARROW, null, value.parameter());
    }

    @Override
    public Word binaryOperation(AbstractInsnNode insn, Word left, Word right) {
        return switch (insn.getOpcode()) {
            case Opcodes.IADD, Opcodes.ISUB, Opcodes.IMUL, Opcodes.ISHL, Opcodes.IUSHR -> Word.WIDE;
            case Opcodes.IDIV -> // the smallest short divided by -1 is none
                right.constant() != null && right.constant() != -1 ? Word.NARROW : Word.WIDE;
            case Opcodes.IAND, Opcodes.IOR, Opcodes.IXOR ->
                left.isWide() || right.isWide() ? Word.WIDE : Word.NARROW;
            case Opcodes.LALOAD, Opcodes.DALOAD, Opcodes.LADD, Opcodes.LSUB, Opcodes.LMUL,
                Opcodes.LDIV, Opcodes.LREM, Opcodes.LSHL, Opcodes.LSHR, Opcodes.LUSHR, Opcodes.LAND,
                Opcodes.LOR, Opcodes.LXOR, Opcodes.DADD, Opcodes.DSUB, Opcodes.DMUL, Opcodes.DDIV,
                Opcodes.DREM -> Word.TWO;
            case Opcodes.AALOAD -> Word.REFERENCE;
            default -> Word.NARROW; // elements, shifts to the right, remainders, comparisons
        };
    }

    @Override
    public Word ternaryOperation(AbstractInsnNode insn, Word array, Word index, Word value) {
        return null;
    }

    @Override
    public Word naryOperation(AbstractInsnNode insn, List<? extends Word> values) {
        if (insn instanceof MethodInsnNode call) {
            return of(Type.getReturnType(call.desc));
        }
        if (insn instanceof InvokeDynamicInsnNode call) {
            return of(Type.getReturnType(call.desc));
        }
        return Word.REFERENCE; // an array of arrays
    }

    @Override
    public void returnOperation(AbstractInsnNode insn, Word value, Word expected) {
    }

    @Override
    public Word merge(Word one, Word other) {
        if (one.equals(other)) {
            return one;
        }
        if (one.kind() == other.kind()) {
            return new Word(one.kind(), null, -1);
        }
        boolean areNumbers = isNumber(one) && isNumber(other);
        return areNumbers ? Word.WIDE : Word.NONE;
    }

    private static boolean isNumber(Word word) {
        return word.kind() == Word.Kind.NARROW || word.isWide();
    }
}
