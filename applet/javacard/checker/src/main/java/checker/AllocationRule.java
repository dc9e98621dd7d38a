package checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/**
 * Refuses allocation that can happen after installation: memory that no card has to give back, and
 * that may be missing then.
 */
final class AllocationRule implements Rule {
    private static final Set<String> MAKERS = Set.of("getInstance", "buildKey",
        "buildKeyWithSharedDomain", "getInitializedMessageDigestInstance", "buildOwnerPIN",
        "buildBioTemplate", "makeTransientBooleanArray", "makeTransientByteArray",
        "makeTransientShortArray", "makeTransientObjectArray", "makeGlobalArray",
        "makeIntegritySensitiveArray", "getMemoryAccessInstance");

    @Override
    public List<Finding> check(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        Program program = subject.program();
        Map<Program.Member, List<Program.Member>> reached =
            new CallGraph(program).reached(Entries.afterInstall(program));
        reached.forEach((member, chain) -> {
            for (AbstractInsnNode insn : member.method().instructions) {
                String what = allocates(program, insn);
                if (what != null) {
                    findings.add(Finding.of("allocation", member.type(), member.method(), insn,
                        what + " after installation, by " + chain.stream()
                            .map(Program.Member::toString).collect(Collectors.joining(" > "))));
                }
            }
        });
        return findings;
    }

    private static String allocates(Program program, AbstractInsnNode insn) {
        int opcode = insn.getOpcode();
        if (opcode == Opcodes.NEW) {
            return "an object is made";
        }
        if (opcode == Opcodes.NEWARRAY || opcode == Opcodes.ANEWARRAY
                || opcode == Opcodes.MULTIANEWARRAY) {
            return "an array is made";
        }
        boolean isMaker = insn instanceof MethodInsnNode call && opcode == Opcodes.INVOKESTATIC
            && !program.has(call.owner) && MAKERS.contains(call.name);
        return isMaker ? ((MethodInsnNode) insn).name + " is called" : null;
    }
}
