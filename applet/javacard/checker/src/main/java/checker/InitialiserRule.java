package checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;

/**
 * Refuses static initialisers that do more than fill arrays with constants: a converter runs them,
 * not the card (Java Card VM specification, classic edition 3.0.5, 2.2.4.6).
 */
final class InitialiserRule implements Rule {
    private static final Set<Integer> ALLOWED = Set.of(Opcodes.ACONST_NULL, Opcodes.BIPUSH,
        Opcodes.SIPUSH, Opcodes.LDC, Opcodes.DUP, Opcodes.NEWARRAY, Opcodes.BASTORE,
        Opcodes.SASTORE, Opcodes.PUTSTATIC, Opcodes.RETURN);

    @Override
    public List<Finding> check(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (Program.Member member : subject.program().members()) {
            if (!member.method().name.equals("<clinit>")) {
                continue;
            }
            for (AbstractInsnNode insn : member.method().instructions) {
                int opcode = insn.getOpcode();
                boolean isConstant = opcode >= Opcodes.ICONST_M1 && opcode <= Opcodes.ICONST_5;
                if (opcode >= 0 && !isConstant && !ALLOWED.contains(opcode)) {
                    findings.add(Finding.of("initialiser", member.type(), member.method(), insn,
                        "a static field is neither a constant nor an array of constants:"
                        + " set it at installation"));
                    break;
                }
            }
        }
        return findings;
    }
}
