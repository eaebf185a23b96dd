let usage: StaticString = """
    katydid: voice commands on small boards.

    usage: katydid VERB [OPTIONS]

      listen        hear keywords and move GPIO lines
      run           run a model once on given or random inputs
      bench         measure a model: latency, and every operator's share
      inspect       show a model's tensors, operators and memory
      check-config  read a configuration and say what is wrong with it
      devices       show microphones and GPIO lines
      selftest      check every kernel on this CPU against its reference
      version       show the version and what this CPU can do

    katydid VERB --help tells more, with an example.

    """
