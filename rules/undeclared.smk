# Included last: what concerns all rules, and what no other rule makes.
for made in workflow.rules:
    if made.conda_env and "{" in str(ROOT):  # Snakemake formats these paths, too
        made.conda_env = literal(str(ROOT / "rules" / made.conda_env))
    for resource in ("mem_mb", "runtime"):
        if resource in made.resources:
            made.resources[resource] = growing(made.resources[resource])

MADE = [str(output) for rule in workflow.rules for output in rule.output]
BELOW = [path[len(STUDY.results) + 1 :] for path in MADE if path.startswith(f"{STUDY.results}/")]

# Where outputs lie in object storage, Snakemake knows them under other paths.
if len(BELOW) == len(MADE):

    rule undeclared:
        """Say what the study declares, where a target is asked for that nothing makes."""
        input:
            refuse_target,
        output:
            "<results>/{undeclared}",
        wildcard_constraints:
            undeclared=whatever_else(BELOW),
