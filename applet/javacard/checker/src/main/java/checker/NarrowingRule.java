package checker;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.IincInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.analysis.Frame;

/**
 * Refuses results that need more than 16 bits where it matters what lies above them (Java Card VM
 * specification, classic edition 3.0.5, 2.2.3.1): a card computes them with 16 bits, and Java with
 * 32.
 */
final class NarrowingRule implements Rule {
    private static final String NAME = "narrowing";

    @Override
    public List<Finding> check(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (Program.Member member : subject.program().members()) {
            for (AbstractInsnNode insn : member.method().instructions) {
                Frame<Word> frame = insn.getOpcode() < 0 ? null
                    : subject.flow().before(member, insn);
                String use = frame == null ? null : misuse(insn, frame);
                if (use != null) {
                    findings.add(Finding.of(NAME, member.type(), member.method(), insn, use));
                }
            }
        }
        return findings;
    }

    private static String misuse(AbstractInsnNode insn, Frame<Word> frame) {
        int opcode = insn.getOpcode();
        if (insn instanceof LdcInsnNode load && load.cst instanceof Integer number) {
            return "the constant " + number + " isn't a short";
        }
        if (insn instanceof IincInsnNode) {
            return "counts with an int: declare the variable as a short";
        }
        String use = use(insn);
        int count = use == null ? 0 : operands(opcode, insn);
        for (int n = 0; n < count; n++) {
            if (Flow.top(frame, n).isWide()) {
                return "an int result is " + use + ": cast it to short or byte first";
            }
        }
        return null;
    }

    /** Says how an instruction uses numbers whose upper bits count, or null if it doesn't. */
    private static String use(AbstractInsnNode insn) {
        int opcode = insn.getOpcode();
        if (opcode >= Opcodes.IFEQ && opcode <= Opcodes.IF_ICMPLE) {
            return "compared";
        }
        if (isElement(opcode)) {
            return "used as an index or stored in an array";
        }
        return switch (opcode) {
            case Opcodes.ISHR, Opcodes.IUSHR -> "shifted right";
            case Opcodes.ISHL -> "the distance of a shift";
            case Opcodes.IDIV, Opcodes.IREM -> "divided";
            case Opcodes.TABLESWITCH, Opcodes.LOOKUPSWITCH -> "the value of a switch";
            case Opcodes.NEWARRAY, Opcodes.ANEWARRAY -> "an array's length";
            case Opcodes.ISTORE -> "stored in a variable";
            case Opcodes.IRETURN -> "returned";
            case Opcodes.PUTFIELD, Opcodes.PUTSTATIC ->
                Type.getType(((FieldInsnNode) insn).desc).getSize() == 2 ? null
                    : "stored in a field";
            case Opcodes.INVOKEVIRTUAL, Opcodes.INVOKESPECIAL, Opcodes.INVOKESTATIC,
                Opcodes.INVOKEINTERFACE -> "passed to a method";
            default -> null;
        };
    }

    private static boolean isElement(int opcode) {
        return opcode >= Opcodes.IALOAD && opcode <= Opcodes.SALOAD
            || opcode >= Opcodes.IASTORE && opcode <= Opcodes.SASTORE;
    }

    /** Returns how many words, from the top of the stack, are used so; a reference is never wide. */
    private static int operands(int opcode, AbstractInsnNode insn) {
        if (insn instanceof MethodInsnNode call) {
            return Type.getArgumentTypes(call.desc).length;
        }
        if (opcode >= Opcodes.IASTORE && opcode <= Opcodes.SASTORE
                || opcode >= Opcodes.IF_ICMPEQ && opcode <= Opcodes.IF_ICMPLE) {
            return 2;
        }
        return opcode == Opcodes.ISHR || opcode == Opcodes.IUSHR || opcode == Opcodes.IDIV
            || opcode == Opcodes.IREM ? 2 : 1;
    }
}
