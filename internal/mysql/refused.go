package mysql

import (
	"vitess.io/vitess/go/vt/sqlparser"
)

// refuseExpr refuses an expression that has no case, in words of SQL. Every
// unknown node ends here too.
func (c *conv) refuseExpr(e sqlparser.Expr) {
	switch e.(type) {
	case *sqlparser.JSONPrettyExpr, *sqlparser.JSONStorageFreeExpr, *sqlparser.JSONStorageSizeExpr, *sqlparser.JSONArrayExpr,
		*sqlparser.JSONObjectExpr, *sqlparser.JSONQuoteExpr, *sqlparser.JSONArrayAgg, *sqlparser.JSONObjectAgg,
		*sqlparser.JSONContainsExpr, *sqlparser.JSONContainsPathExpr, *sqlparser.JSONExtractExpr, *sqlparser.JSONKeysExpr,
		*sqlparser.JSONOverlapsExpr, *sqlparser.JSONSearchExpr, *sqlparser.JSONValueExpr, *sqlparser.MemberOfExpr,
		*sqlparser.JSONSchemaValidFuncExpr, *sqlparser.JSONSchemaValidationReportFuncExpr, *sqlparser.JSONAttributesExpr,
		*sqlparser.JSONValueModifierExpr, *sqlparser.JSONValueMergeExpr, *sqlparser.JSONRemoveExpr, *sqlparser.JSONUnquoteExpr:
		c.refuse("JSON functions are not supported", "model the value as a field")
	case *sqlparser.MatchExpr:
		c.refuse("MATCH … AGAINST is not supported", "write LIKE or REGEXP_LIKE")
	case *sqlparser.Default:
		c.refuse("DEFAULT is not supported in a query", "write the value")
	case *sqlparser.ValuesFuncExpr:
		c.refuse("VALUES(column) is not supported in a query", "name the column")
	case *sqlparser.CollateExpr:
		c.refuse("COLLATE is not supported", "leave it out")
	case *sqlparser.ConvertUsingExpr:
		c.refuse("CONVERT(… USING …) is not supported", "leave it out")
	case *sqlparser.IntroducerExpr:
		c.refuse("character set introducers are not supported", "write a plain string")
	case *sqlparser.Variable, *sqlparser.AssignmentExpr:
		c.refuse(noVariables, "write a value or ?")
	case sqlparser.ListArg, *sqlparser.Offset:
		c.refuse(noNamedArguments, "write ?")
	case *sqlparser.LockingFunc:
		c.refuse("lock functions are not allowed", "")
	case *sqlparser.WeightStringFuncExpr:
		c.refuse("WEIGHT_STRING is not supported", "order by the column itself")
	case *sqlparser.ExtractValueExpr, *sqlparser.UpdateXMLExpr:
		c.refuse("XML functions are not supported", "")
	case *sqlparser.PerformanceSchemaFuncExpr, *sqlparser.GTIDFuncExpr:
		c.refuse("server functions are not allowed", "")
	default:
		c.refuse("this function or expression is not supported", "see the list of supported SQL")
	}
}
