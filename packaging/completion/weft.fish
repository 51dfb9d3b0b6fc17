# SPDX-License-Identifier: Apache-2.0
# fish: all that can be said is known by weft itself, names from the daemon included.
function __weft_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $current
            case :command
                complete -C "$current"
            case '*'
                echo $line
        end
    end
end
complete -c weft -f -a '(__weft_complete)'
