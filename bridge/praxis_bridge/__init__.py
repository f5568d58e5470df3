"""The process that owns the instruments of one workcell: a socket, a journal, and PyLabRobot behind them."""
