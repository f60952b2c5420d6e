from autograder import ExamQuestion

question = ExamQuestion("lstm_parameters")
