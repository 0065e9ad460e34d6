import WritCommands

CommandLineInterface.main()
