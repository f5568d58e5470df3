// What a shell is told so that it completes `praxis`: each asks `praxis complete` for candidates, a line each, with a description behind a tab.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of praxis for bash. In ~/.bashrc: source <(praxis completion bash)
_praxis() {
  local IFS=$'\\n' current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(praxis complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)" -- "$current"))
}
complete -o default -F _praxis praxis
`,
  zsh: `#compdef praxis
# Completion of praxis for zsh. In ~/.zshrc, behind compinit: source <(praxis completion zsh)
_praxis() {
  local -a found
  local value about
  while IFS=$'\\t' read -r value about; do
    found+=("\${value//:/\\\\:}:$about")
  done < <(praxis complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe praxis found
}
compdef _praxis praxis
`,
  fish: `# Completion of praxis for fish. Once: praxis completion fish > ~/.config/fish/completions/praxis.fish
function __praxis_candidates
  set -l words (commandline -opc) (commandline -ct)
  praxis complete -- $words[2..-1] 2>/dev/null
end
complete -c praxis -f -a '(__praxis_candidates)'
`,
};
